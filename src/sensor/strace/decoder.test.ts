import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import { NO_FAULTS, type TraceContext, type TraceFaults } from "./call.ts";
import { TraceDecoder } from "./decoder.ts";
import { TracedFiles } from "./files.ts";
import { TracedProcesses } from "./processes.ts";

const LINKS: Readonly<Record<string, string>> = { "/var/run": "/run" };
const TREE: FileTree = {
  entry: (path) => (path === "/etc/passwd" ? { type: "file", mode: 0o644, uid: 0, gid: 0, sizeBytes: 100 } : undefined),
  children: () => [],
};
const EXEC = '1 execve("/bin/app", [...], 0x7ffe /* 1 var */) = 0';

function hex(name: string): string {
  return [...Buffer.from(name)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

/** Names in double quotes or angles, as strace -xx would write them. */
function asTraced(text: string): string {
  return text
    .replace(/"([^"]*)"/g, (_, name: string) => `"${hex(name)}"`)
    .replace(/<(\/[^<>]*|pipe:[^>]*)(<[^>]*>)?>/g, (_, name: string, device = "") => `<${hex(name)}${device}>`);
}

function decode(lines: readonly string[]): { events: WriteEvent[]; faults: TraceFaults; decoder: TraceDecoder } {
  const events: WriteEvent[] = [];
  const faults = { ...NO_FAULTS };
  const first = { fs: { cwd: "/work", root: "/" }, exe: undefined, uid: 0, gid: 0, effectiveUid: 0 };
  const context = {
    container: "c",
    files: new TracedFiles(TREE),
    faults,
    lookUp: (path) => (LINKS[path] === undefined ? { kind: "plain" } : { kind: "link", target: LINKS[path] }),
    mountOf: () => undefined,
    mountsChanged: () => {},
    changed: () => {},
    moved: () => {},
    executed: () => {},
    emit: (event) => void events.push(event),
  } satisfies TraceContext;
  const decoder = new TraceDecoder(context, new TracedProcesses(first));
  for (const line of lines) decoder.line(asTraced(line));
  decoder.tellTotals();
  return { events, faults, decoder };
}

/** Without what every event has. */
function told(lines: readonly string[]): unknown[] {
  return decode([EXEC, ...lines])
    .events.slice(1)
    .map(({ container: _c, timeNs: _t, process: _p, syscall: _s, ...rest }) => rest);
}

describe("one call", () => {
  test.each<[string, object | undefined]>([
    [
      '1 openat(-100</work>, "a", 0x241, 0666) = 3</work/a>',
      { operation: "open", result: 0, path: "/work/a", created: true, wantsCreate: true, mode: 0o666, sizeBytes: 0 },
    ],
    [
      '1 openat(-100</>, "/etc/passwd", 0x42, 0600) = 3</etc/passwd>',
      {
        operation: "open",
        result: 0,
        path: "/etc/passwd",
        wantsCreate: true,
        reads: true,
        mode: 0o600,
        sizeBytes: 100,
      },
    ],
    [
      '1 openat(5</srv>, "x", 0x41, 0600) = -1 EROFS (Read-only file system)',
      { operation: "open", result: "EROFS", path: "/srv/x", wantsCreate: true, mode: 0o600 },
    ],
    ['1 openat(-100</>, "/etc/passwd", 0) = 3</etc/passwd>', undefined],
    [
      '1 openat(-100</>, "/dev/null", 0x1) = 3</dev/null<char 1:3>>',
      { operation: "open", result: 0, path: "/dev/null", sizeBytes: 0 },
    ],
    [
      '1 creat("a", 0640) = 3</work/a>',
      { operation: "open", result: 0, path: "/work/a", created: true, wantsCreate: true, mode: 0o640, sizeBytes: 0 },
    ],
    [
      '1 openat2(-100</work>, "a", {flags=0x41, mode=0600, resolve=0}, 24) = -1 EACCES (Permission denied)',
      { operation: "open", result: "EACCES", path: "/work/a", wantsCreate: true, mode: 0o600 },
    ],
    ['1 mkdir("/var/run/x/../y", 0755) = 0', { operation: "mkdir", result: 0, path: "/run/y", mode: 0o755 }],
    ['1 unlinkat(7</d>, "sub", 0x200) = 0', { operation: "rmdir", result: 0, path: "/d/sub" }],
    [
      '1 rename("a", "/b") = -1 EXDEV (Invalid cross-device link)',
      { operation: "rename", result: "EXDEV", path: "/work/a", path2: "/b" },
    ],
    ['1 symlinkat("../t", -100</w>, "l") = 0', { operation: "symlink", result: 0, path: "/w/l", target: "../t" }],
    ["1 utimensat(3</work/a>, NULL, NULL, 0) = 0", { operation: "utimes", result: 0, path: "/work/a" }],
    ["1 fchown(3</work/a>, 5, -1) = 0", { operation: "chown", result: 0, path: "/work/a", owner: { uid: 5, gid: -1 } }],
    ['1 bind(3<pipe:[1]>, {sa_family=0x1, sun_path="s"}, 9) = 0', { operation: "bind", result: 0, path: "/work/s" }],
    ['1 bind(3<pipe:[1]>, {sa_family=0x1, sun_path=@"s"}, 9) = 0', undefined],
    [
      '1 access("x", 0x2) = -1 EROFS (Read-only file system)',
      { operation: "access", result: "EROFS", path: "/work/x" },
    ],
    ['1 access("x", 0x4) = 0', undefined],
    ['1 write(1<pipe:[1]>, ""..., 3) = 3', undefined],
    [
      '1 write(1</work/a>, ""..., 3) = -1 ENOSPC (No space left on device)',
      { operation: "write", result: "ENOSPC", path: "/work/a" },
    ],
    [
      '1 pwrite64(1</work/a>, ""..., 3, 100) = 3',
      { operation: "write", result: 0, path: "/work/a", bytes: 3, sizeBytes: 103 },
    ],
    ["1 ftruncate(1</work/a>, 70) = 0", { operation: "truncate", result: 0, path: "/work/a", sizeBytes: 70 }],
    ["1 fallocate(1</work/a>, 0, 10, 70) = 0", { operation: "fallocate", result: 0, path: "/work/a", sizeBytes: 80 }],
  ])("%s", (line, event) => {
    expect(told([line])).toEqual(event === undefined ? [] : [event]);
  });
});

test("before the entrypoint runs nothing is told", () => {
  const lines = ['1 execve("/.petrify-strace/ld", [...], 0x1) = 0', '1 mkdir("x", 0755) = 0', EXEC];
  const { events, decoder } = decode(lines);
  expect(events.map(({ operation, path }) => `${operation} ${path}`)).toEqual(["exec /bin/app"]);
  expect(decoder.isRunning).toBe(true);
});

test("a child is its parent's before the parent's call has returned, and what it becomes is its own", () => {
  const { events } = decode([
    EXEC,
    '1 chdir("/srv") = 0',
    "1 vfork( <unfinished ...>",
    '2 mkdir("a", 0755) = 0',
    "2 setresuid(33, 33, 33) = 0",
    '2 execve("/bin/tool", [...], 0x1 /* 1 var */ <unfinished ...>',
    "1 <... vfork resumed>) = 2",
    "2 <... execve resumed>) = 0",
    '2 mkdir("b", 0755) = 0',
    '1 mkdir("c", 0755) = 0',
  ]);
  expect(
    events
      .filter(({ operation }) => operation === "mkdir")
      .map(({ path, process: { exe, uid, pid } }) => ({ path, exe, uid, pid })),
  ).toEqual([
    { path: "/srv/a", exe: "/bin/app", uid: 0, pid: 2 },
    { path: "/srv/b", exe: "/bin/tool", uid: 33, pid: 2 },
    { path: "/srv/c", exe: "/bin/app", uid: 0, pid: 1 },
  ]);
});

test("threads share their working directory, and one that calls execve goes on as the first", () => {
  const { events, faults } = decode([
    EXEC,
    "1 clone3({flags=0x3d0f00, exit_signal=0}, 88) = 2",
    '2 chdir("/t") = 0',
    '1 rmdir("a") = 0',
    '2 execve("/bin/other", [...], 0x1 <unfinished ...>',
    "1 +++ superseded by execve in pid 2 +++",
    "1 <... execve resumed>) = 0",
    '1 rmdir("b") = 0',
  ]);
  expect(events.slice(1).map(({ path, process: { exe } }) => `${path} ${exe}`)).toEqual([
    "/t/a /bin/app",
    "/bin/other /bin/other",
    "/t/b /bin/other",
  ]);
  expect(faults).toEqual(NO_FAULTS);
});

test("a file's bytes are summed, told as they double and at the end, and follow its new name", () => {
  const write = '1 write(3</work/a>, ""..., 10) = 10';
  const events = decode([EXEC, write, write, write, '1 rename("a", "b") = 0']).events.slice(1);
  expect(events.map(({ operation, path, bytes }) => `${operation} ${path} ${bytes ?? ""}`)).toEqual([
    "write /work/a 10",
    "write /work/a 20",
    "rename /work/a ",
    "write /work/b 30",
  ]);
});

test("what was written and is opened again is read back; what was not, is not", () => {
  const lines = [
    '1 open("a", 0x41, 0600) = 3</work/a>',
    '1 open("a", 0) = 4</work/a>',
    '1 open("other", 0) = 5</work/other>',
  ];
  expect(decode([EXEC, ...lines]).events.map(({ operation }) => operation)).toEqual(["exec", "open", "read"]);
});

test("what cannot be read is counted: no event is made up", () => {
  const { events, faults } = decode([
    EXEC,
    "1 mkdir(0x7ffe1234, 0755) = 0",
    '1 write(3, ""..., 3) = 3',
    "1 io_uring_setup(8, {flags=0}) = 5",
    "1 unshare(0x20000) = 0",
    "1 <... mkdir resumed>) = 0",
    "garbage",
  ]);
  expect(events).toHaveLength(1);
  expect(faults).toEqual({ unreadableLines: 2, unreadablePaths: 2, ioUringSetups: 1, ownNamespaces: 1 });
});

test("whatever lines come, nothing is thrown, and no event has a path that is not absolute", () => {
  const part = fc.constantFrom(
    "1 ",
    "2 ",
    "open(",
    "rename(",
    "write(",
    "vfork(",
    "chdir(",
    '"a"',
    '"/b/../.."',
    "3</x>",
    "-100</>",
    ", ",
    ") = 0",
    ") = 3</y>",
    ") = -1 EROFS (r)",
    " <unfinished ...>",
    "<... open resumed>",
    "+++ exited with 0 +++",
    "{flags=0x41}",
    "0x41",
    "NULL",
  );
  const line = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      for (const { path } of decode([EXEC, ...lines]).events) expect(path.startsWith("/")).toBe(true);
    }),
  );
});
