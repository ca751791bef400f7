import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { petrify, ROOT, startScript } from "../../test/support/cli.ts";
import { VERSION } from "../version.ts";
import { VERBS } from "./verbs.ts";

test("--version prints the version alone", () => {
  expect(petrify(["--version"])).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: "" });
});

test("--help lists every verb with its summary, the exit codes in their order and the first steps", () => {
  const { exitCode, stdout } = petrify(["--help"]);
  expect(exitCode).toBe(0);
  for (const { name } of VERBS) expect(stdout).toMatch(new RegExp(`^  ${name} {2,}\\w`, "m"));
  expect(stdout).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}128\+n /);
  expect(stdout).toMatch(
    /Start here:\n {2}petrify doctor\n {2}petrify learn .*\n {2}petrify verify .*\n {2}petrify export /,
  );
});

describe.each(VERBS)("$name", ({ name, description, exitCodes, example }) => {
  test("help says what it does and ends with its exit codes and one example, by both ways to ask", () => {
    const { exitCode, stdout } = petrify([name, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(description);
    for (const code of Object.keys(exitCodes)) expect(stdout).toMatch(new RegExp(`^  ${code} +\\S`, "m"));
    expect(stdout.trimEnd().endsWith(example)).toBe(true);
    expect(petrify(["help", name]).stdout).toBe(stdout);
  });

  test("an unknown option is refused with the way to the help", () => {
    const mandatory = name === "export" ? ["--to", "docker"] : [];
    const { exitCode, stdout, stderr } = petrify([name, ...mandatory, "--no-such-option"]);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^petrify: .*--no-such-option.* {2}\[E_USAGE\]\nhint: .*--help.*\n$/);
    expect(exitCode).toBe(name === "run" ? 125 : 1);
  });
});

test("a mistyped verb is answered with the right one", () => {
  const { exitCode, stderr } = petrify(["lern"]);
  expect(stderr).toContain("Unknown command 'lern' (Did you mean learn?)  [E_USAGE]");
  expect(exitCode).toBe(1);
});

test("without a verb the help goes to stdout", () => {
  const { exitCode, stdout } = petrify([]);
  expect(stdout).toContain("Usage: petrify");
  expect(exitCode).toBe(0);
});

test("--json makes an error an object on stdout, but not when it belongs to the container", () => {
  const json = petrify(["learn", "--no-such-option", "--json"]);
  expect(JSON.parse(json.stdout).error.code).toBe("E_USAGE");
  expect(json.stderr).toBe("");
  expect(petrify(["learn", "--no-such-option", "--", "--json"]).stdout).toBe("");
  expect(petrify(["run", "--no-such-option", "image", "--json"]).stdout).toBe("");
});

test("a reader that goes away early is no error", () => {
  const script = `set -o pipefail; '${join(ROOT, "bin/petrify")}' --help | true`;
  const { status, stderr } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, PETRIFY_NODE: process.execPath },
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("a full disk behind stdout is E_DISK_FULL", () => {
  const { status, stderr } = spawnSync("sh", ["-c", `'${join(ROOT, "bin/petrify")}' --help > /dev/full`], {
    encoding: "utf8",
    env: { ...process.env, PETRIFY_NODE: process.execPath },
  });
  expect(stderr).toContain("[E_DISK_FULL]");
  expect(status).toBe(1);
});

test.each([
  ["an exception that nobody catches", 'setTimeout(() => { throw new Error("boom"); })'],
  ["a rejection that nobody handles", 'void Promise.reject(new Error("boom"))'],
])("%s is E_INTERNAL, and what was started is removed", async (_name, failure) => {
  const { exitCode, stdout, stderr } = await startScript(`
    import { main } from "./src/cli/main.ts";
    import { onCleanup } from "./src/cli/cleanup.ts";
    await main(["--version"]);
    onCleanup(() => console.log("removed"));
    setInterval(() => {}, 1000);
    ${failure};
  `).ended;
  expect(stdout).toBe(`${VERSION}\nremoved\n`);
  expect(stderr).toContain("petrify: boom  [E_INTERNAL]\nhint: This is a bug");
  expect(exitCode).toBe(1);
});
