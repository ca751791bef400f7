import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CliResult, ROOT } from "../../test/support/cli.ts";
import { strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";
import { formatStrategy } from "../strategy/file.ts";

const ONLY = ["--rule", "read-only-root", "--rule", "missing-places"];
const COMPOSE = "services:\r\n  web: # ours\r\n    image: app:1\r\n";
const POD =
  "\uFEFFapiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: web\n    image: app:1";
const OTHER = "services:\n  db:\n    image: other\n";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-fix-"));
  put("app.strategy.yaml", formatStrategy(strategy([tmpfs("/run"), volume("/data")])));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
const get = (name: string): string => readFileSync(join(folder, name), "utf8");

function audit(args: readonly string[], input = "", cwd = folder): CliResult {
  const { status, stdout, stderr } = spawnSync(join(ROOT, "bin/petrify"), ["audit", ...args, ...ONLY], {
    cwd,
    encoding: "utf8",
    input,
    env: { ...process.env, PETRIFY_NODE: process.execPath, GITHUB_ACTIONS: "" },
  });
  return { exitCode: status, stdout, stderr };
}

test("--diff shows what --fix then writes, as a patch that git takes; a second time there is nothing", () => {
  mkdirSync(join(folder, "k s"));
  put("compose.yml", COMPOSE);
  put("k s/pod.yaml", POD);
  put("other.yml", OTHER);
  const shown = audit(["--diff", "."]);
  expect([shown.exitCode, get("compose.yml"), get("k s/pod.yaml")]).toEqual([2, COMPOSE, POD]);
  expect(shown.stderr).toContain("would be fixed: compose.yml:2:3 web, by app.strategy.yaml\n");
  expect(shown.stderr).toContain("not fixed: other.yml:2:3 db: No strategy fits");
  expect(shown.stderr).toContain("petrify learn --compose other.yml db --test COMMAND\n");

  const fixed = audit(["--fix", "."]);
  expect(fixed.exitCode).toBe(2);
  expect(fixed.stdout).toContain("1 finding: 1 high; 3 containers in 3 sources\n");
  const after = [get("compose.yml"), get("k s/pod.yaml"), get("other.yml")];
  expect(after[0]).toBe(
    'services:\r\n  web: # ours\r\n    image: app:1\r\n    read_only: true\r\n    tmpfs:\r\n      # Scratch.\r\n      - /run:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0\r\n    volumes:\r\n      # State.\r\n      - "web_data:/data"\r\nvolumes:\r\n  web_data:\r\n'.replace(
      '"web_data:/data"',
      "web_data:/data",
    ),
  );
  expect(after[1]?.startsWith(POD)).toBe(true);
  expect(after[2]).toBe(OTHER);

  put("compose.yml", COMPOSE);
  put("k s/pod.yaml", POD);
  const git = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: folder, input: shown.stdout });
  expect([git.status, String(git.stderr)]).toEqual([0, ""]);
  expect([get("compose.yml"), get("k s/pod.yaml"), get("other.yml")]).toEqual(after);
  expect(audit(["--diff", "."])).toMatchObject({ exitCode: 0, stdout: "" });
});

test("standard input becomes the fixed text on standard output; what cannot be fixed goes on as it is", () => {
  const fixed = audit(["--fix", "-"], POD);
  expect(fixed.exitCode).toBe(0);
  expect(fixed.stdout.startsWith(`${POD}\n    securityContext:\n      readOnlyRootFilesystem: true\n`)).toBe(true);
  expect(audit(["--fix", "-"], fixed.stdout)).toMatchObject({ exitCode: 0, stdout: fixed.stdout });
  expect(audit(["--fix", "-"], OTHER)).toMatchObject({ exitCode: 2, stdout: OTHER });
  expect(audit(["--fix", "-"], "x: 1\n")).toMatchObject({ exitCode: 1, stdout: "" });
  put("other.yml", COMPOSE);
  const including = `include: [other.yml]\n${COMPOSE.replaceAll("web", "front")}`;
  const both = audit(["--fix", "-"], including);
  expect([both.exitCode, get("other.yml")]).toEqual([2, COMPOSE]);
  expect(both.stdout).toMatch(/^include: \[other.yml\]\nservices:\r\n {2}front: # ours\r\n.*\r\n {4}read_only: true/);
  expect(both.stderr).toContain("not fixed: other.yml:2:3 web: other.yml was not named");
  expect(audit(["--diff", "-"], POD).stdout).toMatch(/^--- a\/stdin\n\+\+\+ b\/stdin\n@@ /);
});

test("what somebody decided to live with is not changed", () => {
  const accepted = COMPOSE.replace("# ours", "# petrify-ignore read-only-root: legacy");
  put("compose.yml", accepted);
  expect(audit(["--fix", "compose.yml"])).toMatchObject({ exitCode: 0, stderr: "Nothing to fix.\n" });
  expect(get("compose.yml")).toBe(accepted);
});

test("a file that is broken or cannot be written is told, and the others are fixed", () => {
  // Beside a name of this length there is no room for the name of the file that is to take its place.
  const long = `${"n".repeat(240)}.yml`;
  put(long, COMPOSE);
  put("broken.yml", "services:\n  web:\n    image: [\n");
  put("compose.yml", COMPOSE);
  const result = audit(["--fix", "broken.yml", long, "compose.yml"]);
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toContain(`${long}: `);
  expect(result.stderr).toContain("[E_IO]");
  expect(result.stderr).not.toContain(`fixed: ${long}`);
  expect(result.stdout).toContain("[E_COMPOSE_INVALID]");
  expect(get(long)).toBe(COMPOSE);
  expect(get("compose.yml")).toContain("read_only: true");
});

test("a file out of the folder is neither read nor written for one that names it, also through a link", () => {
  for (const name of ["repo", "other"]) mkdirSync(join(folder, name));
  put("other/compose.yml", COMPOSE);
  put("other/secrets", "aws_secret_access_key = hunter2\n");
  symlinkSync("../other/compose.yml", join(folder, "repo/link.yml"));
  put("repo/compose.yml", "include: [link.yml, ../other/compose.yml]\nservices: {a: {image: busybox}}\n");
  put("repo/b.yaml", "include:\n  - path: c.yaml\n    env_file: ../other/secrets\n");
  put("repo/c.yaml", 'services:\n  z: {image: "x/${aws_secret_access_key}"}\n');
  const { exitCode, stdout, stderr } = audit(
    ["--fix", "--template", ".", "--rule", "latest-tag"],
    "",
    join(folder, "repo"),
  );
  expect(get("other/compose.yml")).toBe(COMPOSE);
  expect(get("repo/compose.yml")).toContain("read_only: true");
  expect(`${stdout}${stderr}`).not.toContain("hunter2");
  expect(stdout).toContain("The file 'link.yml' cannot be read.");
  expect(exitCode).toBe(1);
});

test("a work tree is one: what lies beside the current folder in it may be read, and is changed when it is named", () => {
  for (const name of [".git", "stack", "common"]) mkdirSync(join(folder, name));
  put("common/c.yml", COMPOSE);
  put("stack/compose.yml", "include: [../common/c.yml]\n");
  const fix = ["--fix", "--template", "compose.yml"];
  expect(audit(fix, "", join(folder, "stack")).stderr).toMatch(/^not fixed: .*web: .* was not named/);
  expect(get("common/c.yml")).toBe(COMPOSE);
  expect(audit([...fix, "../common/c.yml"], "", join(folder, "stack")).exitCode).toBe(0);
  expect(get("common/c.yml")).toContain("read_only: true");
});

test("the template is marked in the file", () => {
  put("other.yml", OTHER);
  const { exitCode, stderr } = audit(["--fix", "--template", "other.yml"]);
  expect([exitCode, stderr]).toEqual([
    0,
    expect.stringMatching(/^fixed: other.yml:2:3 db, by the template\n {2}note: By the template, not learned: /),
  ]);
  expect(get("other.yml")).toContain("# By the template, not learned: ");
});

test.each([
  [["--learn", "."], "--learn is about how to fix."],
  [["--template", "."], "--template is about how to fix."],
  [["--fix", "--test", "true", "."], "--test exercises what --learn learns."],
  [["--fix", "-", "."], "Standard input is fixed by itself"],
  [["--diff", "--format", "markdown", "."], "--diff prints a patch, and no report."],
  [["--fix", "--learn", "--template", "."], "cannot be used with option"],
])("%j is refused", (args, message) => {
  expect(audit(args)).toMatchObject({
    exitCode: 1,
    stdout: expect.not.stringContaining("+++") as string,
    stderr: expect.stringContaining(message) as string,
  });
});
