import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fieldsOf } from "../../test/support/schema-fields.ts";
import { strategyJsonSchema } from "./json-schema.ts";
import { formatStrategy, parseStrategy } from "./file.ts";

const published = new URL("../../schemas/strategy.schema.json", import.meta.url);

test("the published JSON Schema is the one that the parser holds files to", () => {
  expect(JSON.parse(readFileSync(published, "utf8")), "run node scripts/file-schemas.ts").toEqual(
    JSON.parse(strategyJsonSchema()),
  );
});

test("docs/reference/strategy.md names every field of the file", () => {
  const page = readFileSync(new URL("../../docs/reference/strategy.md", import.meta.url), "utf8");
  const missing = [...fieldsOf(JSON.parse(strategyJsonSchema()))].filter((field) => !page.includes(`\`${field}\``));
  expect(missing).toEqual([]);
});

test("the example in docs/reference/strategy.md is a strategy in the layout that Petrify writes", () => {
  const page = readFileSync(new URL("../../docs/reference/strategy.md", import.meta.url), "utf8");
  const example = /```yaml\n([^`]+)```/.exec(page)?.[1] ?? "";
  const written = formatStrategy(parseStrategy(example, "strategy.md"));
  expect(written.replace(/^(?:#.*\n)+/, "")).toBe(example);
});
