import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";

// Runs scripts/setup in a checkout of its own, with stand-ins for npm, apt and the loader's cache. Each writes what it was
// asked into `calls`. Nothing but these and the tools named here is on the PATH.
const TOOLS = "sh cat cmp chmod cp cut df awk dirname flock grep head mkdir rm sed sleep tail touch tr wc".split(" ");

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "petrify setup-"));
  mkdirSync(join(checkout, "scripts"));
  mkdirSync(join(checkout, "path"));
  cpSync(join(ROOT, "scripts/setup"), join(checkout, "scripts/setup"));
  writeFileSync(join(checkout, "package-lock.json"), "{}");
  packages("");
  for (const tool of TOOLS)
    symlinkSync(existsSync(`/usr/bin/${tool}`) ? `/usr/bin/${tool}` : `/bin/${tool}`, join(checkout, "path", tool));
  standIn("npm", "rm -rf node_modules; mkdir node_modules");
  standIn("ldconfig", "[ ! -e installed ] || cat installed");
});
afterEach(() => rmSync(checkout, { recursive: true }));

function standIn(name: string, script: string): void {
  const file = join(checkout, "path", name);
  writeFileSync(file, `#!/bin/sh\n[ ${name} = ldconfig ] || echo "${name} $*" >>calls\n${script}\n`);
  chmodSync(file, 0o755);
}

function packages(list: string): void {
  writeFileSync(join(checkout, "scripts/packages.txt"), `# a comment\n\n${list}`);
}

/** apt that knows the packages of the file `lists`, and after `update` those of `archive`; installing makes the library known. */
function debian(user: string, known: { readonly lists: string; readonly archive: string }): void {
  writeFileSync(join(checkout, "lists"), known.lists);
  writeFileSync(join(checkout, "archive"), known.archive);
  standIn("id", `echo ${user}`);
  standIn("apt-cache", 'for last; do :; done; grep -qx "$last" lists');
  standIn(
    "apt-get",
    `case " $* " in
      *" update "*) cat archive >lists ;;
      *" install "*) for name; do if grep -qx -- "$name" lists; then echo "	$name.so.1 (libc6)" >>installed; fi; done ;;
    esac`,
  );
}

interface Result {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function setup(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  const child = spawn("/bin/sh", [join(checkout, "scripts/setup"), ...args], {
    cwd: "/",
    env: { PATH: join(checkout, "path"), ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  await once(child, "close");
  return { exitCode: child.exitCode, stdout, stderr };
}

function calls(tool: string): readonly string[] {
  const file = join(checkout, "calls");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.filter((line) => line.startsWith(`${tool} `));
}

const NOTHING: Result = { exitCode: 0, stdout: "", stderr: "" };

test("installs once per lock file, says so on stderr only, and is silent afterwards", async () => {
  const first = await setup();
  expect(first).toMatchObject({ exitCode: 0, stdout: "" });
  expect(first.stderr).toContain("installing npm packages");
  expect(await setup()).toEqual(NOTHING);
  expect(calls("npm")).toEqual(["npm ci --loglevel=warn --include=dev --include=optional"]);
  writeFileSync(join(checkout, "package-lock.json"), '{"changed":true}');
  await setup();
  expect(calls("npm")).toHaveLength(2);
});

test("PETRIFY_SETUP=off does nothing", async () => {
  expect(await setup([], { PETRIFY_SETUP: "off" })).toEqual(NOTHING);
  expect(calls("npm")).toEqual([]);
});

test.each([
  ["no network", "npm error code ENOTFOUND", "The npm registry cannot be reached."],
  ["a full disk", "npm error code ENOSPC", "The disk is full"],
  ["anything else", "npm error code EWHATEVER", "npm error code EWHATEVER"],
])("%s: one sentence, exit 1, and the next run tries again", async (_name, error, message) => {
  standIn("npm", `mkdir -p node_modules; echo "${error}" >&2; exit 1`);
  const failed = await setup();
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toContain(message);
  expect(failed.stderr).toContain("hint: ");
  standIn("npm", "mkdir -p node_modules");
  expect((await setup()).exitCode).toBe(0);
  expect(calls("npm")).toHaveLength(2);
});

test("two at once: the second waits and has nothing left to do", async () => {
  standIn("npm", "mkdir node_modules; sleep 0.5");
  const [one, two] = await Promise.all([setup(), setup()]);
  expect([one.exitCode, two.exitCode]).toEqual([0, 0]);
  expect(calls("npm")).toHaveLength(1);
  expect(one.stderr + two.stderr).toContain("another setup is at work here");
});

test("as root on Debian: installs what is missing, removes nothing, without recommended packages", async () => {
  packages("libone run library:libone.so.1 for one\nlibtwo ci library:libtwo.so.1 for two\n");
  debian("0", { lists: "libone\nlibtwo\n", archive: "" });
  expect((await setup()).exitCode).toBe(0);
  const [install, ...others] = calls("apt-get");
  expect(others).toEqual([]);
  expect(install).toMatch(/ install --no-install-recommends --no-remove libone$/);
  expect(await setup()).toEqual(NOTHING);
});

test("--ci also installs what only CI needs", async () => {
  packages("libone run library:libone.so.1 for one\nlibtwo ci library:libtwo.so.1 for two\n");
  debian("0", { lists: "libone\nlibtwo\n", archive: "" });
  await setup(["--ci"]);
  expect(calls("apt-get")[0]).toMatch(/ libone libtwo$/);
});

test("empty package lists are fetched first", async () => {
  packages("libone run library:libone.so.1 for one\n");
  debian("0", { lists: "", archive: "libone\n" });
  expect((await setup()).stderr).not.toContain("not on this system");
  expect(calls("apt-get").map((call) => / (update|install) ?/.exec(call)?.[1])).toEqual(["update", "install"]);
});

test("what the archive lacks is named with its reason, the rest is installed, and it is not tried each time", async () => {
  packages("libone run library:libone.so.1 for one\nlibtwo run library:libtwo.so.1 for two\n");
  debian("0", { lists: "libone\n", archive: "libone\n" });
  const first = await setup();
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toContain("  libtwo\tfor two\n");
  expect(first.stderr).not.toContain("for one");
  const tried = calls("apt-get").length;
  expect((await setup()).stderr).toContain("  libtwo\tfor two\n");
  expect(calls("apt-get")).toHaveLength(tried);
});

test("without root nothing is installed; the command that would do it is named", async () => {
  packages("libone run library:libone.so.1 for one\n");
  debian("1000", { lists: "libone\n", archive: "libone\n" });
  const { exitCode, stderr } = await setup();
  expect(exitCode).toBe(0);
  expect(stderr).toContain("hint: sudo apt-get install --no-install-recommends libone\n");
  expect(calls("apt-get")).toEqual([]);
});

test("on another distribution what is missing is named", async () => {
  packages("tool run command:no-such-tool for work\nheader run file:/no/such/file for building\n");
  standIn("id", "echo 0");
  const { exitCode, stderr } = await setup();
  expect(exitCode).toBe(0);
  expect(stderr).toContain("  tool\tfor work\n  header\tfor building\n");
});

test("a maintainer script that starts a service finds a stand-in first", async () => {
  packages("libone run library:libone.so.1 for one\n");
  debian("0", { lists: "libone\n", archive: "libone\n" });
  standIn(
    "apt-get",
    `for option; do case "$option" in DPkg::Path=*) PATH="\${option#*=}"; esac; done
     for tool in invoke-rc.d deb-systemd-invoke systemctl; do "$tool" start x && command -v "$tool" >>found; done`,
  );
  await setup();
  const found = readFileSync(join(checkout, "found"), "utf8").trim().split("\n");
  expect(found).toHaveLength(3);
  for (const path of found) expect(path.startsWith(checkout)).toBe(true);
});
