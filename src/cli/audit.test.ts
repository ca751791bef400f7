import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runAudit, writeAuditProgram } from "../../test/support/audit-program.ts";
import type { CliResult } from "../../test/support/cli.ts";
import { SARIF } from "../../test/support/sarif-schema.ts";

const ONLY = ["--rule", "read-only-root"];
const WRITABLE = "sample\n  web:\n    image: nginx\n";
let tools: string;
let program: string;
let folder: string;

beforeAll(() => {
  tools = mkdtempSync(join(tmpdir(), "petrify-audit-tools-"));
  program = writeAuditProgram(tools);
});
afterAll(() => {
  rmSync(tools, { recursive: true });
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "petrify-audit-"));
});

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const audit = (args: readonly string[], input?: string, env?: NodeJS.ProcessEnv): CliResult =>
  runAudit(program, args, {
    cwd: folder,
    ...(input === undefined ? {} : { input }),
    ...(env === undefined ? {} : { env }),
  });

describe("exit code", () => {
  test.each<[string, readonly string[], string, number]>([
    ["2 when something is found", ["-", ...ONLY], WRITABLE, 2],
    ["2 when it is as severe as asked for", ["-", ...ONLY, "--fail-on", "high"], WRITABLE, 2],
    ["0 when it is only hardening", ["-", "--rule", "memory-limit"], WRITABLE, 0],
    ["2 when that is asked for", ["-", "--rule", "memory-limit", "--fail-on", "low"], WRITABLE, 2],
    ["0 when nothing fails", ["-", ...ONLY, "--fail-on", "never"], WRITABLE, 0],
    ["0 when nothing is found", ["-", ...ONLY], "sample\n", 0],
    ["0 when the rule is left out", ["-", ...ONLY, "--skip", "read-only-root"], WRITABLE, 0],
    ["1 when not everything could be audited, whatever was found", ["-", ...ONLY], `${WRITABLE}!\n`, 1],
    ["1 then also when nothing fails", ["-", ...ONLY, "--fail-on", "never"], `${WRITABLE}!\n`, 1],
    ["1 when it is of no form", ["-", ...ONLY], "x", 1],
    ["0 when that is to be left out", ["-", "--skip-unknown"], "x", 0],
    ["1 when a file is not there", ["missing.yaml"], "", 1],
    ["1 for a rule that there is not", ["-", "--rule", "read-onyl-root"], WRITABLE, 1],
    ["1 when nothing can be told from a name", ["-", "--report", "x.pdf"], WRITABLE, 1],
    ["1 when the engine that was named does not answer", ["--host", "unix:///nowhere.sock"], "", 1],
    ["1 for an engine that holds nobody's containers", ["--host", "embedded"], "", 1],
    ["1 for a folder of strategies that is not there", ["-", "--strategies", "nowhere"], WRITABLE, 1],
    ["1 for a cluster and an engine at once", ["--cluster", "--container", "web"], "", 1],
  ])("%s", (_, args, input, exitCode) => {
    expect(audit(args, input).exitCode).toBe(exitCode);
  });
});

test("a folder: one finding with its line, and what else lies there is no matter", () => {
  put("shop.yaml", WRITABLE);
  put("other.yaml", "x: 1\n");
  const { stdout, stderr } = audit([".", ...ONLY]);
  expect(stdout).toContain("shop.yaml:2:3 web: The root is writable");
  expect(stdout).toContain("    2 |   web:\n      |   ^^^\n");
  expect(stdout).toContain("1 finding: 1 high; 1 container in 1 source\n");
  expect(stderr).toBe("");
});

test("reports of every form in one run, each by its name; none when one cannot be written", () => {
  put("shop.yaml", WRITABLE);
  const files = ["a.html", "a.sarif", "a.xml", "a.md", "a.json", "a.txt"];
  const { stdout, exitCode } = audit(["shop.yaml", ...ONLY, "--json", ...files.flatMap((file) => ["--report", file])]);
  expect(exitCode).toBe(2);
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  expect(JSON.parse(stdout)).toEqual(JSON.parse(read("a.json")));
  expect(SARIF.parse(JSON.parse(read("a.sarif"))).runs[0]?.results).toHaveLength(1);
  expect(read("a.xml")).toContain('<testsuite name="shop.yaml" tests="1" failures="1"');
  expect(read("a.md")).toContain("### petrify audit: 1 finding: 1 high");
  expect(read("a.html")).toContain("<title>Audit: 1 finding: 1 high</title>");
  expect(read("a.html")).toContain("default-src 'none'");
  expect(read("a.txt")).toContain("shop.yaml:2:3");
  const refused = audit(["shop.yaml", "--report", "b.json", "--report", "none/b.html"]);
  expect(refused.stderr).toContain("[E_IO]");
  expect(readdirSync(folder)).not.toContain("b.json");
});

test("a baseline is written, accepts what it holds, and tells what can go", () => {
  put("shop.yaml", WRITABLE);
  expect(audit(["shop.yaml", ...ONLY, "--write-baseline", "base.json"])).toMatchObject({
    exitCode: 0,
    stdout: "Nothing found; 1 container in 1 source; 1 accepted\n",
  });
  const text = readFileSync(join(folder, "base.json"), "utf8");
  put("shop.yaml", `${WRITABLE}  db:\n    image: redis\n`);
  expect(audit([".", ...ONLY, "--baseline", "base.json"])).toMatchObject({
    exitCode: 2,
    stdout: expect.stringMatching(/db: The root.*1 accepted/s) as string,
  });
  put("shop.yaml", "sample\n");
  expect(audit([".", ...ONLY, "--baseline", "base.json"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("the baseline can shrink") as string,
  });
  expect(readFileSync(join(folder, "base.json"), "utf8")).toBe(text);
  put("base.json", "{}");
  expect(audit([".", "--baseline", "base.json"])).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringContaining("[E_BASELINE_INVALID]\nhint: ") as string,
  });
});

test("an exception without a reason counts for nothing", () => {
  expect(
    audit(["-", ...ONLY], WRITABLE.replace("web:", "web:\n    # petrify-ignore read-only-root: legacy")),
  ).toMatchObject({
    exitCode: 0,
  });
  const { exitCode, stdout } = audit(
    ["-", ...ONLY],
    WRITABLE.replace("nginx", "nginx # petrify-ignore read-only-root"),
  );
  expect(stdout).toContain("[E_EXCEPTION_INVALID]");
  expect(stdout).toContain("-:2:3 web");
  expect(exitCode).toBe(1);
});

test("another scanner's findings stand beside ours, and do not fail", () => {
  const result = { ruleId: "CVE-1", level: "error", message: { text: "Old library." } };
  const log = { version: "2.1.0", runs: [{ tool: { driver: { name: "scanner" } }, results: [result] }] };
  put("scan.sarif", JSON.stringify(log));
  const { exitCode, stdout } = audit(["-", "--import", "scan.sarif"], "sample\n");
  expect(stdout).toContain("Also, says scanner (1 finding: 1 high)\n");
  expect(exitCode).toBe(0);
  put("scan.sarif", "[]");
  expect(audit(["-", "--import", "scan.sarif"], "sample\n").stderr).toContain("[E_SARIF_INVALID]");
});

test("in GitHub Actions annotations go to stderr and a summary to its file, unless refused", () => {
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(folder, "summary.md") };
  put("shop.yaml", WRITABLE);
  const { stdout, stderr } = audit(["shop.yaml", ...ONLY], undefined, env);
  expect(stderr).toMatch(/^::error file=shop.yaml,line=2,col=3,endColumn=5,title=petrify read-only-root::web: /);
  expect(stdout).toContain("high The root file system is writable");
  expect(readFileSync(env.GITHUB_STEP_SUMMARY, "utf8")).toContain("### petrify audit: 1 finding");
  rmSync(env.GITHUB_STEP_SUMMARY);
  expect(audit(["shop.yaml", ...ONLY, "--no-github"], undefined, env).stderr).toBe("");
  expect(existsSync(env.GITHUB_STEP_SUMMARY)).toBe(false);
  const once = audit(["shop.yaml", ...ONLY, "--format", "github"], undefined, env);
  expect([once.stdout.split("\n").length, once.stderr]).toEqual([2, ""]);
});
