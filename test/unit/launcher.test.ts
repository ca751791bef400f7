import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";
import { VERSION } from "../../src/version.ts";

const LAUNCHER = join(ROOT, "bin/petrify");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify launcher-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = "/") {
  return spawnSync(file, args, { encoding: "utf8", cwd, env: { PATH: "/usr/bin:/bin", ...env } });
}

/** A stand-in for Node that tells what it was started with. */
function fakeNode(path: string, name: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "${name}"\nshift\nfor argument; do echo "[$argument]"; done\n`);
  chmodSync(path, 0o755);
}

test("works through a chain of symlinks, absolute and relative, with blanks in the path", () => {
  mkdirSync(join(folder, "a"));
  symlinkSync(LAUNCHER, join(folder, "a/one"));
  symlinkSync("a/one", join(folder, "two"));
  const { stdout, stderr } = run(join(folder, "two"), ["--version"], { PETRIFY_NODE: process.execPath });
  expect(stderr).toBe("");
  expect(stdout).toBe(`${VERSION}\n`);
});

test.each([
  ["no PATH", ""],
  ["a PATH without tools", "/nowhere"],
])("works through a symlink with %s", (_what, PATH) => {
  symlinkSync(LAUNCHER, join(folder, "petrify"));
  const { stdout, stderr } = run(join(folder, "petrify"), ["--version"], { PATH, PETRIFY_NODE: process.execPath });
  expect(stderr).toBe("");
  expect(stdout).toBe(`${VERSION}\n`);
});

test("works when it is called by its bare name in its own folder", () => {
  const { stdout } = run("sh", ["petrify", "--version"], { PETRIFY_NODE: process.execPath }, join(ROOT, "bin"));
  expect(stdout).toBe(`${VERSION}\n`);
});

test("takes PETRIFY_NODE, then the Node of a release, then that of a checkout, then the PATH's; arguments arrive as they are", () => {
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  const launcher = join(folder, "bin/petrify");
  const env = { PATH: `${join(folder, "path")}:/usr/bin:/bin` };
  const first = (extra: NodeJS.ProcessEnv = {}) => run(launcher, ["a b", "*", ""], { ...env, ...extra }).stdout;
  const args = "\n[a b]\n[*]\n[]\n";
  fakeNode(join(folder, "path/node"), "from the path");
  expect(first()).toBe(`from the path${args}`);
  fakeNode(join(folder, "node_modules/.bin/node"), "of the checkout");
  expect(first()).toBe(`of the checkout${args}`);
  fakeNode(join(folder, "node/bin/node"), "of the release");
  expect(first()).toBe(`of the release${args}`);
  fakeNode(join(folder, "mine"), "mine");
  expect(first({ PETRIFY_NODE: join(folder, "mine") })).toBe(`mine${args}`);
});

test("says in one sentence that no Node was found", () => {
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "path"));
  for (const tool of ["sh", "readlink"]) symlinkSync(`/bin/${tool}`, join(folder, "path", tool));
  const { status, stdout, stderr } = run(join(folder, "bin/petrify"), [], { PATH: join(folder, "path") });
  expect(stdout).toBe("");
  expect(stderr).toContain("petrify: No Node.js was found, and Petrify needs 24 or newer.  [E_NODE_TOO_OLD]\nhint: ");
  expect(status).toBe(1);
});

test("says in one sentence that PETRIFY_NODE leads nowhere", () => {
  const { status, stderr } = run(LAUNCHER, ["--version"], { PETRIFY_NODE: "/nowhere/node" });
  expect(stderr).toBe(
    "petrify: PETRIFY_NODE is '/nowhere/node', which cannot be run.  [E_NODE_TOO_OLD]\n" +
      "hint: Set it to the program of Node.js 24 or newer, or unset it.\n",
  );
  expect(status).toBe(1);
});

test("an older Node is refused in one sentence, before the program is loaded", () => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
  const { status, stdout, stderr } = run(LAUNCHER, ["--version"], {
    PETRIFY_NODE: process.execPath,
    NODE_OPTIONS: `--import "${pretend}"`,
  });
  expect(stdout).toBe("");
  expect(stderr).toContain(
    "petrify: Petrify needs Node.js 24 or newer, and this is 20.20.2.  [E_NODE_TOO_OLD]\nhint: ",
  );
  expect(status).toBe(1);
});
