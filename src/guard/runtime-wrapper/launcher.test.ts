import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launcherScript } from "./launcher.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "petrify a'launcher-"));
  program(
    "node",
    `printf '%s|' "$(umask)" "$#" "$@" "$SECRET" "$(cat)" > "${join(folder, "judged")}"; [ "$4" != refused ]`,
  );
  program("runc", `printf '%s|' "$(umask)" "$#" "$@" "$SECRET" "$(cat)"`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

function launch(...args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const paths = { runtime: at("runc"), node: at("node"), entry: at("entry"), settings: at("s") };
  const script = `umask 002\n${launcherScript(paths)}`;
  return spawnSync("/bin/sh", ["-c", script, "runc", ...args], {
    encoding: "utf8",
    input: "stdin",
    env: { SECRET: "kept" },
  });
}
function at(name: string): string {
  return join(folder, name);
}
const judged = (): string => readFileSync(join(folder, "judged"), "utf8");

test("the runtime gets arguments, environment, mask and standard input as they came; Node gets the arguments alone", () => {
  expect(launch("--log", "a 'b", "create", "", "*")).toMatchObject({
    status: 0,
    stdout: "0002|5|--log|a 'b|create||*|kept|stdin|",
  });
  expect(judged()).toBe(`0077|7|${join(folder, "entry")}|${join(folder, "s")}|--log|a 'b|create||*|||`);
});

test.each(["create", "run", "restore"])("%s is judged first, and not done when that fails", (word) => {
  program("node", `touch "${join(folder, "judged")}"; exit 7`);
  expect(launch(word, "x")).toMatchObject({ status: 1, stdout: "" });
  rmSync(join(folder, "node"));
  expect(launch(word, "x")).toMatchObject({ status: 1, stdout: "" });
});

test.each(["exec", "kill", "state", "delete", "--version"])("%s starts no Node", (word) => {
  expect(launch(word, "x")).toMatchObject({ status: 0, stdout: `0002|2|${word}|x|kept|stdin|` });
  expect(existsSync(join(folder, "judged"))).toBe(false);
});
