import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CliResult, petrify } from "../../test/support/cli.ts";

const BASE = "services:\n  web:\n    image: nginx:1.29\n";
const OVER = "services:\n  web:\n    user: '0'\n    privileged: true\n";
const CARET = "    4 |     privileged: true\n      |     ^^^^^^^^^^\n";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-overrides-"));
  put("shop/compose.yaml", BASE);
  put("shop/compose.override.yaml", OVER);
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const audit = (...args: readonly string[]): CliResult =>
  petrify(["audit", ...args], { cwd: folder, env: { GITHUB_ACTIONS: "" } });
const ONLY = ["--rule", "privileged"];

describe("what an override sets is told there", () => {
  test.each([["shop/compose.yaml"], ["shop/compose.override.yaml"], ["shop"]])("when %s is named", (operand) => {
    const { stdout } = audit(operand, ...ONLY);
    expect(stdout).toContain("shop/compose.override.yaml:4:5 web: ");
    expect(stdout).toContain(CARET);
    expect(stdout).toContain("1 finding: 1 high; 1 container in 1 source");
  });

  test.each([
    [
      "sarif",
      '"artifactLocation":{"uri":"shop/compose.override.yaml","uriBaseId":"%SRCROOT%"},"region":{"startLine":4,',
    ],
    ["github", "::error file=shop/compose.override.yaml,line=4,col=5,endColumn=14,"],
    ["junit", 'file="shop/compose.override.yaml" line="4"'],
    ["markdown", "<code>shop/compose.override.yaml:4</code>"],
    ["html", "shop/compose.override.yaml:4"],
    ["json", '"at":{"line":4,"column":5,"endColumn":15,"file":"shop/compose.override.yaml"}'],
  ])("in %s", (format, expected) => {
    const { stdout } = audit("shop/compose.yaml", ...ONLY, "--format", format);
    // A page may break a long name.
    expect(stdout.replaceAll("<wbr />", "").includes(expected)).toBe(true);
  });

  test("and in the place of a baseline's entry", () => {
    audit("shop/compose.yaml", ...ONLY, "--write-baseline", "known.json");
    const { stdout, exitCode } = audit("shop/compose.yaml", ...ONLY, "--baseline", "known.json", "--json");
    expect(exitCode).toBe(0);
    expect(readFileSync(join(folder, "known.json"), "utf8")).toContain('"place":"shop/compose.override.yaml: web"');
    expect(stdout).toContain('"by":"baseline"');
  });
});

test.each([
  ["extends", "services:\n  web:\n    extends: {file: ../common/base.yaml, service: web}\n"],
  ["include", "include: [../common/base.yaml]\n"],
])("what %s brings is told in its file", (_, text) => {
  put("shop/stack/compose.yaml", text);
  put("shop/common/base.yaml", `${BASE}    x-a: 1\n    privileged: true\n`);
  const { stdout } = audit("shop/stack/compose.yaml", ...ONLY);
  expect(stdout).toContain("shop/common/base.yaml:5:5 web: ");
  expect(stdout).toContain("    5 |     privileged: true\n      |     ^^^^^^^^^^\n");
});

test("one file outside of the folder is one file, however it is named", () => {
  put("app/compose.yaml", "include: [../shop/compose.yaml]\n");
  const { stdout } = petrify(["audit", "compose.yaml", "../shop/compose.yaml", ...ONLY, "--json"], {
    cwd: join(folder, "app"),
  });
  expect((JSON.parse(stdout) as { containers: unknown[] }).containers).toHaveLength(1);
});

function inOverride(text: string): CliResult {
  put("shop/compose.override.yaml", text);
  return audit("shop/compose.yaml", ...ONLY, "--rule", "memory-limit", "--json");
}

function told({ stdout }: CliResult): object {
  const { findings, accepted } = JSON.parse(stdout) as {
    findings: { rule: string }[];
    accepted: { finding: { rule: string } }[];
  };
  return { findings: findings.map(({ rule }) => rule), accepted: accepted.map(({ finding }) => finding.rule) };
}

describe("an exception in an override counts", () => {
  test("on the line", () => {
    const text = OVER.replace("true", "true # petrify-ignore privileged: needs the host");
    expect(told(inOverride(text))).toEqual({ findings: ["memory-limit"], accepted: ["privileged"] });
  });

  test("for the whole service, also for what is missing in every file", () => {
    const text = OVER.replace("  web", "  # petrify-ignore privileged, memory-limit: needs the host\n  web");
    expect(told(inOverride(text))).toEqual({ findings: [], accepted: ["privileged", "memory-limit"] });
  });

  test("and not for a service beside it", () => {
    const text = `${OVER}  db:\n    # petrify-ignore privileged: another one\n    image: db\n`;
    expect(told(inOverride(text))).toMatchObject({ accepted: [] });
  });
});

test("a file of variables is not among the texts: no line of it is taken for an exception", () => {
  put("shop/.env", "# petrify-ignore nonsense\nX=1\n");
  expect(JSON.parse(audit("shop/compose.yaml", ...ONLY, "--json").stdout)).toMatchObject({ problems: [], notes: [] });
});
