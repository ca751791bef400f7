import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SAMPLE_INPUT } from "../../../test/support/audit-samples.ts";
import { gather } from "./gather.ts";
import { readSources } from "./read.ts";

let folder: string;
const before = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify-gather-"));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

function put(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}
const names = (...operands: readonly string[]) => gather(operands).texts.map(({ text }) => text.name);
const audited = (...operands: readonly string[]) => {
  const { containers, problems } = readSources(gather(operands), { inputs: [SAMPLE_INPUT] });
  return {
    containers: containers.map(({ source, workload }) => `${source.name} ${workload}`),
    problems: problems.map(({ source, code }) => `${source} ${code}`),
  };
};
const TEXT = "sample\n  web:\n    image: x\n";

test("a folder gives its candidates, sorted, without what others wrote", () => {
  put({
    "b.yaml": "",
    "a/Dockerfile.dev": "",
    "a/.gitlab-ci.yml": "",
    ".github/workflows/ci.yml": "",
    "x.container": "",
    Makefile: "",
    "run.sh": "",
    "readme.md": "",
    "node_modules/x/y.yaml": "",
    ".git/config.yaml": "",
  });
  expect(names(".")).toEqual([
    ".github/workflows/ci.yml",
    "Makefile",
    "a/.gitlab-ci.yml",
    "a/Dockerfile.dev",
    "b.yaml",
    "run.sh",
    "x.container",
  ]);
  expect(names(folder)).toEqual(names("."));
});

test("each file is read once, however it is named", () => {
  put({ "a/b.yaml": "" });
  symlinkSync("a/b.yaml", "link.yaml");
  expect(names("a/b.yaml", "./a/../a/b.yaml", ".", join(folder, "a"))).toEqual(["a/b.yaml"]);
});

test("links that lead round or out of the folder end there", () => {
  put({ "in/a.yaml": "", "out/secret.yaml": "" });
  symlinkSync(".", "in/self");
  symlinkSync("../in", "in/again");
  symlinkSync("../out/secret.yaml", "in/secret.yaml");
  symlinkSync("../out", "in/out");
  symlinkSync("gone", "in/gone.yaml");
  expect(gather(["in"])).toMatchObject({ texts: [{ text: { name: "in/a.yaml" } }], problems: [] });
});

test("a pipe in a folder is not waited for", () => {
  execFileSync("mkfifo", ["pipe.yaml"]);
  put({ "a.yaml": "" });
  expect(names(".")).toEqual(["a.yaml"]);
});

test("patterns that no shell expanded are expanded", () => {
  put({ "a/x.yaml": TEXT, "a/b/y.yaml": TEXT, "a/z.txt": TEXT, "node_modules/n.yaml": TEXT });
  expect(names("**/*.yaml")).toEqual(["a/b/y.yaml", "a/x.yaml"]);
  expect(audited("none/*.yaml").problems).toEqual(["none/*.yaml E_IO"]);
  put({ "[x].yaml": TEXT });
  expect(names("[x].yaml")).toEqual(["[x].yaml"]);
});

test("what is of no form is left out of a folder, and a problem when it was named", () => {
  put({ "a.yaml": TEXT, "b.yaml": "other: 1\n" });
  expect(audited(".")).toEqual({ containers: ["a.yaml web"], problems: [] });
  expect(audited("a.yaml", "b.yaml")).toEqual({
    containers: ["a.yaml web"],
    problems: ["b.yaml E_AUDIT_UNKNOWN_FORM"],
  });
});

test("what cannot be read is a problem, and the rest goes on", () => {
  put({
    "a.yaml": `${TEXT}!\n`,
    "b.yaml": Buffer.concat([Buffer.from(TEXT), Buffer.from([0xff])]),
    "c.yaml": Buffer.from([0x80, 1]),
    "d.yaml": "\0",
    "e.yaml": "sample\nthrow",
    "z.yaml": TEXT,
  });
  expect(audited("missing.yaml", ".")).toEqual({
    containers: ["a.yaml web", "z.yaml web"],
    problems: ["missing.yaml E_IO", "a.yaml E_COMPOSE_INVALID", "b.yaml E_AUDIT_TEXT", "e.yaml E_INTERNAL"],
  });
  expect(audited("d.yaml").problems).toEqual(["d.yaml E_AUDIT_TEXT"]);
});

test("more than 64 MiB are not read", () => {
  put({ "a.yaml": "" });
  execFileSync("truncate", ["--size", "200G", "a.yaml"]);
  expect(audited("a.yaml").problems).toEqual(["a.yaml E_AUDIT_TEXT"]);
  const script = `import { gather } from "${join(before, "src/audit/sources/gather.ts")}";
    console.log(JSON.stringify(gather(["-"]).problems));`;
  const args = ["-c", `cat /dev/zero | "$0" --input-type=module-typescript --eval "$1"`, process.execPath, script];
  expect(spawnSync("sh", args, { encoding: "utf8" }).stdout).toContain("larger than 64 MiB");
});

test("a folder that may not be read is a problem", ({ skip }) => {
  if (process.getuid?.() === 0) skip("root may read every folder");
  put({ "a/b.yaml": TEXT, "c.yaml": TEXT });
  chmodSync("a", 0);
  expect(audited(".")).toEqual({ containers: ["c.yaml web"], problems: ["a E_IO"] });
  chmodSync("a", 0o755);
});

const git = (...args: readonly string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example", ...args], { cwd: folder, stdio: "pipe" });
const changed = (ref?: string, ...operands: readonly string[]) =>
  gather(operands, ref === undefined ? {} : { ref }).texts.map(({ text }) => text.name);

test("what git says has changed: staged, unstaged, untracked; not what is deleted, ignored or no candidate", () => {
  put({ "a.yaml": "1", "b.yaml": "1", "c/d.yaml": "1", "gone.yaml": "1", ".gitignore": "ignored.yaml" });
  git("init", "--quiet", "--initial-branch=main");
  expect(changed()).toEqual(["a.yaml", "b.yaml", "c/d.yaml", "gone.yaml"]);
  git("add", ".");
  git("commit", "--quiet", "--message=1");
  expect(changed()).toEqual([]);
  put({ "a.yaml": "2", "c/d.yaml": "2", "new\n{.yaml": "x", "x.md": "x", "ignored.yaml": "x" });
  git("add", "a.yaml");
  rmSync("gone.yaml");
  expect(changed()).toEqual(["a.yaml", "c/d.yaml", "new\n{.yaml"]);
  expect(changed(undefined, "c")).toEqual(["c/d.yaml"]);
  process.chdir("c");
  expect(changed()).toEqual([join(folder, "a.yaml"), "d.yaml", join(folder, "new\n{.yaml")]);
});

test("against a branch: what this one changed since it left, not what that one did", () => {
  put({ "a.yaml": "1", "b.yaml": "1" });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=1");
  git("checkout", "--quiet", "-b", "topic");
  put({ "a.yaml": "2" });
  git("commit", "--quiet", "--all", "--message=2");
  git("checkout", "--quiet", "main");
  put({ "b.yaml": "2" });
  git("commit", "--quiet", "--all", "--message=3");
  git("checkout", "--quiet", "topic");
  expect(changed("main")).toEqual(["a.yaml"]);
});

test.each(["nowhere", "--output=owned", "$(touch owned)", "-"])("no commit, and no option: %s", (ref) => {
  git("init", "--quiet");
  expect(() => gather([], { ref })).toThrow(expect.objectContaining({ code: "E_GIT" }) as Error);
  expect(names("owned")).toEqual([]);
});

test("a repository's configuration runs nothing", () => {
  put({ "a.yaml": "1", evil: "#!/bin/sh\ntouch owned.yaml\n" });
  chmodSync("evil", 0o755);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message=1");
  git("config", "core.fsmonitor", join(folder, "evil"));
  git("config", "diff.external", join(folder, "evil"));
  put({ "a.yaml": "2" });
  expect(changed()).toEqual(["a.yaml"]);
});

test("outside of a repository it says so", () => {
  expect(() => gather([], {})).toThrow(expect.objectContaining({ code: "E_GIT" }) as Error);
});

test("a link that leads out of the repository is neither a changed file nor one of a pattern", () => {
  put({ "repo/a.yaml": "1", "out/secret.yaml": "1" });
  symlinkSync("../out/secret.yaml", "repo/link.yaml");
  process.chdir("repo");
  execFileSync("git", ["init", "--quiet"]);
  expect(changed()).toEqual(["a.yaml"]);
  expect(names("*.yaml")).toEqual(["a.yaml"]);
});
