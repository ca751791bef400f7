import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { containerId, makeCgroup, UNIFIED } from "../../test/support/armed-cgroup.ts";
import { isExecution, observe, type Observation } from "../../test/support/observe.ts";
import type { WriteEvent } from "../model/event.ts";

// A program in a mount namespace of its own, with a full, a read-only and a noexec file system, makes one attempt per errno,
// some of them as an unprivileged user.

const sandbox = realpathSync(mkdtempSync(join(tmpdir(), "petrify-results-")));
const cgroup = makeCgroup(UNIFIED, containerId());

const SETUP = `mkdir full ro noexec && mount -t tmpfs -o size=64k none full && mount -t tmpfs none ro && mkdir ro/d &&
  echo old >ro/f && mount -o remount,bind,ro ro && mount -t tmpfs -o noexec,mode=1777 none noexec &&
  printf '#!/bin/sh\\n' >noexec/script && chmod 755 noexec/script && cp /bin/true noexec/true && mkdir private && chmod 700 private &&
  echo >root-owned`;

const ATTEMPTS = `
  open F, ">", "ro/new"; open F, ">>", "ro/f"; mkdir "ro/e"; unlink "ro/f"; chmod 0600, "ro/f"; rename "ro/f", "ro/g"; my $d = "ro/d"; syscall 21, $d, 2;
  open F, ">", "full/f"; my $data = "x" x 131072; syswrite F, $data, 131072; syswrite F, $data, 131072;
  rename "full/f", "moved"; link "full/f", "linked";
  exec { "noexec/true" } "true"; exec { "noexec/script" } "script";
  open F, "<", "noexec/true"; syscall 9, 0, 4096, 5, 2, fileno(F), 0;
  my $m = syscall 9, 0, 4096, 1, 2, fileno(F), 0; syscall 10, $m, 4096, 5;
  mkdir "full";
  $) = "65534 65534"; $> = 65534;
  open F, ">", "private/f"; open F, ">", "new"; chmod 0777, "root-owned"; unlink "root-owned"; open F, ">", "/proc/sys/kernel/hostname"; exit 0`;

let observed: Observation;
beforeAll(async () => {
  mkdirSync(join(sandbox, "w"));
  const script = `exec perl -e '${ATTEMPTS}'`;
  observed = await observe({ id: cgroup.id }, async () => {
    await cgroup.hold();
    // Its namespace is one of its own, beside that of the process that is in the cgroup already.
    const done = cgroup.run(["unshare", "-m", "sh", "-c", `${SETUP} && ${script}`], join(sandbox, "w"));
    if (done.status !== 0) throw new Error(done.stderr);
  });
});
afterAll(async () => {
  await cgroup.remove();
  rmSync(sandbox, { recursive: true, force: true });
});

const short = (text: string): string => text.replace(`${sandbox}/w/`, "");
const line = ({ operation, result, path, path2, mount, process }: WriteEvent): string => {
  const ends = path2 === undefined ? short(path) : `${short(path)} -> ${short(path2)}`;
  return `${result} ${operation} ${ends} on ${short(mount?.target ?? "?")}${mount?.readOnly === true ? " (ro)" : ""} uid ${process.uid}`;
};

test("each result has its name, with the mount it happened on and the user it happened to", () => {
  const attempts = observed.events.filter(
    ({ path, process }) => process.comm === "perl" && (path.startsWith(sandbox) || path.startsWith("/proc/sys")),
  );
  expect(attempts.map(line)).toEqual([
    "EROFS open ro/new on ro (ro) uid 0",
    "EROFS open ro/f on ro (ro) uid 0",
    "EROFS mkdir ro/e on ro (ro) uid 0",
    "EROFS unlink ro/f on ro (ro) uid 0",
    "EROFS chmod ro/f on ro (ro) uid 0",
    "EROFS rename ro/f -> ro/g on ro (ro) uid 0",
    "EROFS access ro/d on ro (ro) uid 0",
    "0 open full/f on full uid 0",
    "0 write full/f on full uid 0",
    "ENOSPC write full/f on full uid 0",
    "EXDEV rename full/f -> moved on full uid 0",
    "EXDEV link full/f -> linked on full uid 0",
    "EACCES exec noexec/true on noexec uid 0",
    "EACCES exec noexec/script on noexec uid 0",
    "0 read noexec/true on noexec uid 0",
    "EPERM mapexec noexec/true on noexec uid 0",
    "EACCES mapexec noexec/true on noexec uid 0",
    "EEXIST mkdir full on full uid 0",
    "EACCES open private/f on / uid 65534",
    "EACCES open new on / uid 65534",
    "EPERM chmod root-owned on / uid 65534",
    "EACCES unlink root-owned on / uid 65534",
    "EACCES open /proc/sys/kernel/hostname on /proc uid 65534",
  ]);
});

test("a write that was cut short is told with the bytes that fitted", () => {
  const write = observed.events.find(
    ({ path, operation, result }) => path.endsWith("full/f") && operation === "write" && result === 0,
  );
  expect(write).toMatchObject({ bytes: 65536, sizeBytes: 65536 });
});

test("the program that was run is told, from its exec on", () => {
  const executions = observed.events.filter(
    (event) => isExecution(event) && event.operation === "exec" && event.result === 0,
  );
  expect(executions.map(({ process }) => process.exe)).toContain("/usr/bin/perl");
});
