import { expect, test } from "vitest";
import { SAMPLE_OPTIONS, sampleReport } from "../../test/support/audit-samples.ts";
import { matchImported } from "./match-imported.ts";
import { sarif } from "./outputs/sarif.ts";
import { importSarif } from "./sarif-import.ts";

const log = (...runs: readonly object[]): string => JSON.stringify({ version: "2.1.0", runs });
const run = (results: readonly object[], more: object = {}, rules: readonly object[] = []): object => ({
  tool: { driver: { name: "scanner", rules } },
  results,
  ...more,
});
const at = (uri: string, region?: object): object => ({
  locations: [{ physicalLocation: { artifactLocation: { uri }, ...(region === undefined ? {} : { region }) } }],
});
const read = (text: string) => importSarif(text, "x.sarif");

test("findings come as their scanner gave them", () => {
  const result = { ruleId: "R1", level: "error", message: { text: "Bad." }, ...at("a%20b.yaml", { startLine: 3, startColumn: 5, endColumn: 9 }) }; // prettier-ignore
  expect(read(log(run([result])))).toEqual([
    {
      tool: "scanner",
      rule: "R1",
      severity: "high",
      message: "Bad.",
      file: "a b.yaml",
      at: { line: 3, column: 5, endColumn: 9 },
    },
  ]);
});

test.each([
  ["its level", { level: "note" }, [], "low"],
  ["the default of its rule", { ruleIndex: 0 }, [{ id: "R", defaultConfiguration: { level: "error" } }], "high"],
  ["the standard's default", {}, [], "medium"],
  [
    "its rule's score",
    { ruleId: "R", level: "note" },
    [{ id: "R", properties: { "security-severity": "9.1" } }],
    "high",
  ],
  ["a low score", { ruleId: "R", level: "error" }, [{ id: "R", properties: { "security-severity": 3.9 } }], "low"],
])("the severity is %s", (_, result, rules, severity) => {
  expect(read(log(run([{ message: { text: "x" }, ...result }], {}, rules)))).toMatchObject([{ severity }]);
});

test("a message may be its rule's, with arguments", () => {
  const rules = [{ id: "R", messageStrings: { m: { text: "{0} is {1}, {2}" } } }];
  const message = { id: "m", arguments: ["a", "{0}"] };
  expect(read(log(run([{ ruleId: "R", message }], {}, rules)))[0]?.message).toBe("a is {0}, {2}");
  expect(read(log(run([{ ruleId: "R", message: { id: "__proto__" } }], {}, rules)))[0]?.message).toBe("");
});

test.each([
  ["passed", { kind: "pass" }],
  ["is none", { level: "none" }],
  ["is suppressed there", { suppressions: [{ kind: "inSource" }] }],
  ["is gone", { baselineState: "absent" }],
])("what %s is left out", (_, result) => {
  expect(read(log(run([{ message: { text: "x" }, ...result }])))).toEqual([]);
});

test("a suppression that was rejected suppresses nothing, and a run without results has none", () => {
  const rejected = { message: { text: "x" }, suppressions: [{ status: "rejected" }] };
  expect(read(log(run([rejected]), { tool: { driver: { name: "y" } } }))).toHaveLength(1);
});

test.each([
  ["file:///srv/a.yaml", "/srv/a.yaml"],
  ["./a.yaml", "a.yaml"],
  ["%zz.yaml", "%zz.yaml"],
])("the address %s is the file %s", (uri, file) => {
  expect(read(log(run([{ message: { text: "x" }, ...at(uri) }])))[0]?.file).toBe(file);
});

test.each([
  ["no JSON", "{"],
  ["another version", `{"version":"2.0.0","runs":[]}`],
  ["no runs", `{"version":"2.1.0"}`],
  ["a result without message", log(run([{}]))],
  ["a line that is none", log(run([{ message: { text: "x" }, ...at("a", { startLine: -1 }) }]))],
  ["a list of lists", "[".repeat(100_000)],
])("%s is refused", (_, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "E_SARIF_INVALID" }) as Error);
});

test("what Petrify writes can be imported, with the same places", () => {
  const report = sampleReport({ "a b.yaml": "sample\n  web:\n    image: writable\n" });
  expect(read(sarif(report, SAMPLE_OPTIONS))).toEqual([
    {
      tool: "petrify",
      rule: "writable",
      severity: "high",
      message: "web: It is writable of writable. Mend it.",
      file: "a b.yaml",
      at: { line: 3, column: 12, endColumn: 20 },
    },
  ]);
});

test("findings stand beside the workloads of their lines, or of their image", () => {
  const texts = { "shop/a.yaml": "sample\n  web:\n    image: nginx\n  db:\n    image: docker.io/library/redis:7\n" };
  const { containers, texts: known } = sampleReport(texts);
  const of = (finding: object) =>
    matchImported([{ tool: "t", rule: "r", severity: "low", message: "m", ...finding }], containers, known)[0];
  expect(of({ file: "shop/a.yaml", at: { line: 3, column: 1 } })?.workloads).toEqual(["web"]);
  expect(of({ file: "/builds/shop/a.yaml", at: { line: 5, column: 1 } })).toMatchObject({
    file: "shop/a.yaml",
    workloads: ["db"],
  });
  expect(of({ file: "usr/lib/x.so", image: "redis:7" })).toMatchObject({ file: "usr/lib/x.so", workloads: ["db"] });
  expect(of({ image: "docker.io/library/nginx:latest" })?.workloads).toEqual(["web"]);
  expect(of({ file: "other.yaml", at: { line: 1, column: 1 } })?.workloads).toEqual([]);
  expect(of({})?.workloads).toEqual([]);
});
