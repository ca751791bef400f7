import { copyFileSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containerId, makeCgroup, UNIFIED } from "../../test/support/armed-cgroup.ts";
import { observe, type Observation } from "../../test/support/observe.ts";

// What runs: exec, and files mapped executable.

const directory = realpathSync(mkdtempSync(join(tmpdir(), "petrify-executions-")));
const cgroup = makeCgroup(UNIFIED, containerId());
const perl = realpathSync("/usr/bin/perl");

const PROGRAM = `
  my $t = "./true-link"; system { $t } "true"; system "./script"; system "./none"; system "./true-link";
  my $e = ""; my $f; sysopen($f, "true", 0); if (!fork) { exec { "/proc/self/fd/" . fileno $f } "true" } wait;
  if (!fork) { exec { "/proc/self/exe" } "applet", "-e", "1" } wait;
  sysopen(my $lib, "lib", 0); syscall(9, 0, 4096, 5, 2, fileno($lib), 0); syscall(9, 0, 4096, 5, 2, fileno($lib), 0);
  sysopen(my $jit, "jit", 0); my $m = syscall(9, 0, 4096, 1, 2, fileno($jit), 0); syscall(10, $m, 4096, 5);
  my $a = syscall(9, 0, 4096, 3, 0x22, -1, 0); syscall(10, $a, 4096, 5);
  if (!fork) { mkdir "by-child"; exit } wait; exit 0`;

let observed: Observation;
beforeAll(async () => {
  copyFileSync("/bin/true", join(directory, "true"));
  symlinkSync("true", join(directory, "true-link"));
  writeFileSync(join(directory, "script"), "#!/usr/bin/perl\nexit 0;\n", { mode: 0o755 });
  for (const name of ["lib", "jit"]) writeFileSync(join(directory, name), "x".repeat(4096));
  observed = await observe({ id: cgroup.id }, async () => {
    await cgroup.hold();
    const done = cgroup.run(["perl", "-e", PROGRAM], directory);
    if (done.status !== 0) throw new Error(done.stderr);
  });
});
afterAll(async () => {
  await cgroup.remove();
  rmSync(directory, { recursive: true, force: true });
});

const short = (path: string | undefined): string => path?.replace(`${directory}/`, "") ?? "?";

test("an exec tells the file that ran, and the process the name it was run by", () => {
  const executions = observed.events.filter(({ operation, path }) => operation === "exec" && path !== "/usr/bin/sleep");
  expect(executions.map(({ result, path, process }) => `${result} ${short(path)} as ${short(process.exe)}`)).toEqual([
    `0 ${perl} as /usr/bin/perl`,
    "0 true as true-link",
    "0 script as script",
    "ENOENT none as /usr/bin/perl",
    "0 true as true-link",
    "0 true as true",
    `0 ${perl} as ${perl}`,
  ]);
});

test("a file mapped executable is told once, by mmap or by mprotect; memory without a file is not", () => {
  const mapped = observed.events.filter(({ operation, path }) => operation === "mapexec" && path.startsWith(directory));
  expect(mapped.map(({ syscall, result, path, inode }) => [syscall, result, short(path), inode?.type])).toEqual([
    ["mmap", 0, "lib", "file"],
    ["mprotect", 0, "jit", "file"],
  ]);
});

test("a forked child is its parent's program", () => {
  const made = observed.events.find(({ operation }) => operation === "mkdir");
  expect([short(made?.path), made?.process.exe]).toEqual(["by-child", "/usr/bin/perl"]);
});
