import { expect, test } from "vitest";
import { sampleReport } from "../../test/support/audit-samples.ts";
import { applyBaseline, baselineText, parseBaseline } from "./baseline.ts";

const BEFORE = "sample\n  web:\n    image: writable\n  db:\n    image: writable lossy\n";
const baseline = parseBaseline(baselineText(sampleReport({ "a.yaml": BEFORE }).findings), "base.json");
const after = (text: string, rules = ["writable", "lossy", "careless"], sources = ["a.yaml"]) => {
  const { findings, accepted, notes } = applyBaseline(
    sampleReport({ "a.yaml": text }).findings,
    { baseline, file: "base.json" },
    { rules: new Set(rules), sources: new Set(sources) },
  );
  return {
    findings: findings.map(({ workload, rule }) => `${workload} ${rule}`),
    accepted: accepted.length,
    notes: notes.map(({ message }) => message),
  };
};

test("the file is sorted, has one finding a line, and nothing that moves with lines", () => {
  expect(baselineText(sampleReport({ "a.yaml": BEFORE }).findings)).toBe(`{
  "apiVersion": "petrify.dev/v1",
  "kind": "AuditBaseline",
  "findings": [
    {"rule":"lossy","place":"a.yaml: db","fingerprint":"[\\"lossy\\",\\"a.yaml\\",\\"db\\",\\"\\",\\"\\"]"},
    {"rule":"writable","place":"a.yaml: db","fingerprint":"[\\"writable\\",\\"a.yaml\\",\\"db\\",\\"\\",\\"\\"]"},
    {"rule":"writable","place":"a.yaml: web","fingerprint":"[\\"writable\\",\\"a.yaml\\",\\"web\\",\\"\\",\\"\\"]"}
  ]
}
`);
  expect(parseBaseline(baselineText([]), "x").findings).toEqual([]);
});

test("what it holds is accepted, also when lines move; what is new is found", () => {
  expect(after(BEFORE)).toEqual({ findings: [], accepted: 3, notes: [] });
  expect(after(`sample\n\n\n${BEFORE.slice(7)}  new:\n    image: writable\n`)).toEqual({
    findings: ["new writable"],
    accepted: 3,
    notes: [],
  });
});

test("each entry stands for one finding", () => {
  const twice = `${BEFORE}  web:\n    image: writable\n`;
  expect(after(twice)).toMatchObject({ findings: ["web writable"], accepted: 3 });
});

test("what is found no more is told, unless its rule or file was not audited", () => {
  const mended = "sample\n  web:\n    image: writable\n  db:\n    image: lossy\n";
  expect(after(mended).notes).toEqual([
    "writable is found no more at a.yaml: db: the baseline can shrink (--write-baseline).",
  ]);
  expect(after(mended, ["lossy"]).notes).toEqual([]);
  expect(after(mended, undefined, ["b.yaml"]).notes).toEqual([]);
});

test("what a comment accepts as well has not vanished", () => {
  const text = BEFORE.replace("image: writable\n", "image: writable # petrify-ignore writable: legacy\n");
  const report = sampleReport(
    { "a.yaml": text },
    {
      baseline: (findings, alsoFound) =>
        applyBaseline(
          findings,
          { baseline, file: "base.json" },
          { rules: new Set(["writable"]), sources: new Set(["a.yaml"]) },
          alsoFound,
        ),
    },
  );
  expect([report.findings, report.notes]).toEqual([[], []]);
  expect(report.accepted.map(({ by }) => by)).toEqual(["comment", "baseline", "baseline"]);
});

test.each([
  ["{", "is not JSON"],
  ["[]", "is not one"],
  [`{"apiVersion":"petrify.dev/v1","kind":"WriteStrategy","findings":[]}`, "kind"],
  [`{"apiVersion":"petrify.dev/v1","kind":"AuditBaseline","findings":[{"rule":"x"}]}`, "findings.0.place"],
  [`{"apiVersion":"petrify.dev/v1","kind":"AuditBaseline","findings":[],"more":1}`, "more"],
])("%s is refused", (text, reason) => {
  expect(() => parseBaseline(text, "base.json")).toThrow(
    expect.objectContaining({
      code: "E_BASELINE_INVALID",
      message: expect.stringContaining(reason) as string,
    }) as Error,
  );
});
