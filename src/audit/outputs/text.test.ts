import { expect, test } from "vitest";
import { SAMPLE_OPTIONS, sampleReport } from "../../../test/support/audit-samples.ts";
import { excerpt } from "./excerpt.ts";
import { text } from "./text.ts";

const FILE = "sample\n  web:\n    image: lossy and writable\n  db:\n    image: careless\n!\n";

test("what to do first stands first, each with its line, and the end counts", () => {
  expect(text(sampleReport({ "a.yaml": FILE }), { ...SAMPLE_OPTIONS, width: 80 })).toBe(`Read-only root

high Title of writable (writable)
  a.yaml:3:12 web: It is writable of lossy and writable.
    3 |     image: lossy and writable
      |            ^^^^^^^^^^^^^^^^^^
  fix: Mend it.

Data

medium Title of lossy (lossy)
  a.yaml:3:12 web: It is lossy of lossy and writable.
    3 |     image: lossy and writable
      |            ^^^^^^^^^^^^^^^^^^
  fix: Mend it.

Operation

low Title of careless (careless)
  a.yaml:5:12 db: It is careless of careless.
    5 |     image: careless
      |            ^^^^^^^^
  fix: Mend it.

problem: a.yaml:6:1: It is broken.  [E_COMPOSE_INVALID]
    6 | !
      | ^
  hint: Mend it.

3 findings: 1 high, 1 medium, 1 low; 2 containers in 1 source; 1 problem: not
  everything was audited
`);
});

test("much of one rule is folded, and nothing found is said", () => {
  const many = Array.from({ length: 42 }, (_, index) => `  s${index}:\n    image: writable\n`).join("");
  const told = text(sampleReport({ "a.yaml": `sample\n${many}` }), SAMPLE_OPTIONS);
  expect(told).toContain("high Title of writable (writable, 42 times)\n");
  expect(told.match(/It is writable/g)).toHaveLength(5);
  expect(told).toContain("  and 37 more (");
  expect(text(sampleReport({ "a.yaml": "sample\n  web:\n    image: x\n" }), SAMPLE_OPTIONS)).toBe(
    "Nothing found; 1 container in 1 source\n",
  );
});

test("what is only hardening is counted where there is much else, so that the rest stands out", () => {
  const lows = Array.from({ length: 21 }, (_, index) => `  s${index}:\n    image: careless\n`).join("");
  const among = text(sampleReport({ "a.yaml": `sample\n  web:\n    image: writable\n${lows}` }), SAMPLE_OPTIONS);
  expect(among).toContain("It is writable");
  expect(among).not.toContain("It is careless");
  expect(among).toContain("\nlow Title of careless (careless, 21 times)\n");
  expect(among).toContain("\nLow ones are only counted: --rule ID shows those of a rule, --format json all.\n");
  const alone = text(sampleReport({ "a.yaml": `sample\n${lows}` }), SAMPLE_OPTIONS);
  expect(alone).toContain("It is careless");
  expect(alone).not.toContain("only counted");
});

test("a fix is said once for the findings above it, also where another finding needs another one", () => {
  const { findings, ...rest } = sampleReport({ "a.yaml": `sample\n${["a", "b", "c"].map((name) => `  ${name}:\n    image: writable\n`).join("")}` }); // prettier-ignore
  const last = findings.length - 1;
  const told = text(
    { ...rest, findings: findings.map((one, index) => (index === last ? { ...one, fix: "Mend that." } : one)) },
    SAMPLE_OPTIONS,
  );
  expect(told.match(/fix: Mend it\./g)).toHaveLength(1);
  expect(told.match(/fix: Mend that\./g)).toHaveLength(1);
  expect(told.indexOf("b: It is")).toBeLessThan(told.indexOf("fix: Mend it."));
});

test.each([20, 40, 80])("no line is wider than %s columns", (width) => {
  const wide = sampleReport({ "a.yaml": `sample\n  web:\n    image: writable${" x".repeat(500)}\n` });
  const longest = Math.max(...text(wide, { ...SAMPLE_OPTIONS, width }).split("\n").map(({ length }) => length)); // prettier-ignore
  // A gutter and 20 columns of source are the least.
  expect(longest).toBeLessThanOrEqual(Math.max(width, 32));
});

test.each<[string, string, number, number | undefined, number, string, string]>([
  ["a tab is shown, and the marks move with it", "\tweb: x", 2, 5, 80, "\\tweb: x", "  ^^^"],
  ["wide characters take two marks", "漢字: x", 1, 3, 80, "漢字: x", "^^^^"],
  ["a place behind the end", "abc", 9, 12, 80, "abc", "   ^"],
  ["no end", "abc", 2, undefined, 80, "abc", " ^"],
  ["far in, the line begins there", `${"x".repeat(100)}image: y`, 101, 106, 20, "…image: y", " ^^^^^"],
  ["longer than the width", `image: ${"y".repeat(100)}`, 1, 108, 20, `image: ${"y".repeat(12)}…`, "^".repeat(20)],
])("excerpt: %s", (_, line, column, endColumn, width, shown, marks) => {
  const at = { line: 1, column, ...(endColumn === undefined ? {} : { endColumn }) };
  expect(excerpt(line, at, width)).toEqual({ line: shown, marks });
});
