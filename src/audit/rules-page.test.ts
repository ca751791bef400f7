import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RULES } from "./rules.ts";
import { rulesPage } from "./rules-page.ts";

const page = readFileSync(new URL("../../docs/reference/audit-rules.md", import.meta.url), "utf8");

test("docs/reference/audit-rules.md is made of the rules", () => {
  expect(page, "run node scripts/audit-docs.ts").toBe(rulesPage(RULES));
});

test("each rule has a heading that outputs can link to, and each link leads to one", () => {
  const headings = [...page.matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(RULES.map(({ id }) => id));
  const links = new Set([...page.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1]));
  expect([...links].filter((id) => !headings.includes(id))).toEqual([]);
});

test("what one container's settings can tell of section 5 of the CIS Docker Benchmark has its rules", () => {
  const numbers = Array.from({ length: 32 }, (_, index) => `5.${index + 1}`);
  const covered = new Set(RULES.flatMap(({ maps }) => maps.cisDocker ?? []));
  expect(numbers.filter((number) => !covered.has(number))).toEqual(["5.1", "5.9", "5.23", "5.24"]);
});

test("numbers have the form of their catalogue", () => {
  const forms = {
    cisDocker: /^[45]\.\d+$/,
    cisDockerBefore: /^5\.\d+$/,
    cisKubernetes: /^5\.\d+\.\d+$/,
    nsa: /^[A-Z][\w' -]+$/,
    nist800190: /^4\.\d\.\d$/,
    nist80053: /^[A-Z]{2}-\d+$/,
    stig: /^(?:V-\d{6}|DKER-EE-\d{6}|SRG-APP-\d{6}-CTR-\d{6})$/,
  } as const;
  const ids = RULES.flatMap(({ maps }) =>
    Object.entries(maps).flatMap(([key, list]: [string, readonly string[]]) =>
      list.map((id) => [forms[key as keyof typeof forms], id] as const),
    ),
  );
  expect(ids.filter(([form, id]) => !form.test(id))).toEqual([]);
});

test("a number of an older benchmark is not said to be today's", () => {
  const root = RULES.find(({ id }) => id === "read-only-root")?.maps;
  expect([root?.cisDocker, root?.cisDockerBefore]).toEqual([["5.13"], ["5.12"]]);
  const limits = RULES.filter(({ maps }) => maps.cisDocker?.includes("5.12"));
  expect(limits.map(({ id }) => id)).toEqual(["cpu-limit"]);
});
