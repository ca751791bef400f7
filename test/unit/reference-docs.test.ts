import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VERBS } from "../../src/cli/verbs.ts";
import { ERROR_CODES } from "../../src/model/errors.ts";
import { ROOT } from "../support/cli.ts";

const page = (path: string): string => readFileSync(join(ROOT, "docs/reference", path), "utf8");

/** Cells of every table row of a page, without head and rule. */
function rows(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line.startsWith("| `"));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

/** What `pattern` matches in the sources, tests excepted. */
function findInSources(pattern: RegExp): ReadonlySet<string> {
  const entries = globSync("{src,bin,scripts,demo}/**/*", { cwd: ROOT, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/\.(?:test\.ts|o)$/.test(entry.name));
  return new Set(files.flatMap((file) => readFileSync(join(file.parentPath, file.name), "utf8").match(pattern) ?? []));
}

describe("errors.md", () => {
  const documented = rows(page("errors.md"));

  test("lists exactly the registry, in its order and in its words", () => {
    const registry = Object.entries(ERROR_CODES).map(([code, meaning]) => [`\`${code}\``, meaning]);
    expect(documented.map(([code, meaning]) => [code, meaning])).toEqual(registry);
  });

  test.each(documented)("%s: says what to do", (_code, _meaning, advice) => {
    expect(advice).toMatch(/\w{3}/);
  });
});

describe("exit-codes.md", () => {
  const documented = rows(page("exit-codes.md"));

  test("has a row for each verb", () => {
    expect(documented.map(([verb]) => verb)).toEqual(VERBS.map(({ name }) => `\`${name}\``));
  });

  const ownCodes = VERBS.filter(({ failureExitCode }) => failureExitCode === undefined);
  test.each(ownCodes)("$name: has a word exactly for the codes of its help", ({ name, exitCodes }) => {
    const cells = documented.find(([verb]) => verb === `\`${name}\``)?.slice(1, 4) ?? [];
    expect(cells.map((cell) => cell !== "")).toEqual(["0", "1", "2"].map((code) => code in exitCodes));
  });
});

describe("environment.md", () => {
  const inPage = new Set(page("environment.md").match(/\b(?:PETRIFY|DOCKER|CONTAINER)_[A-Z_]+/g));

  const inCode = findInSources(/\b(?:PETRIFY|DOCKER|CONTAINER)_[A-Z_]+/g);

  test("names each PETRIFY_ variable that the code mentions", () => {
    // Names that end in `_` are put together with a number: documented by an example.
    const own = [...inCode].filter((name) => name.startsWith("PETRIFY_"));
    expect(own.length).toBeGreaterThan(3);
    expect(own.filter((name) => !inPage.has(name))).toEqual([]);
  });

  test("names no variable that the code does not know", () => {
    expect([...inPage].filter((name) => !inCode.has(name))).toEqual([]);
  });
});
