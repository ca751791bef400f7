import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerId, makeCgroup, UNIFIED } from "../../test/support/armed-cgroup.ts";
import { isExecution, observe, summary, type Observation } from "../../test/support/observe.ts";
import { NO_LOSS } from "../model/event.ts";
import { CALL_NUMBERS } from "./syscalls.ts";

// Each case makes one real call by its number from a process of its own (perl is on every Debian), in an armed cgroup, and
// states the exact event.

const sandbox = realpathSync(mkdtempSync(join(tmpdir(), "petrify-calls-")));
const numbers: Readonly<Record<string, number>> = Object.fromEntries(CALL_NUMBERS["x64"]?.native.toReversed() ?? []);
const AT_FDCWD = -100;

interface Case {
  readonly name: string;
  readonly before?: (directory: string) => void;
  /** Perl; the current directory is the case's own. `D` is a descriptor of the directory `d`, which exists. */
  readonly run: string;
  readonly events: readonly Record<string, unknown>[];
}

const FILE = { type: "file", result: 0 };
const file = (name: string, content = "content"): ((directory: string) => void) => {
  return (directory) => writeFileSync(join(directory, name), content);
};

const CASES: readonly Case[] = [
  {
    name: "openat makes a file",
    run: `call("openat", ${AT_FDCWD}, "f", 0101, 0640)`,
    events: [
      {
        ...FILE,
        operation: "open",
        syscall: "openat",
        path: "f",
        wantsCreate: true,
        created: true,
        mode: 0o640,
        sizeBytes: 0,
      },
    ],
  },
  {
    name: "open empties a file",
    before: file("f"),
    run: `call("open", "f", 01001)`,
    events: [{ ...FILE, operation: "open", syscall: "open", path: "f", truncated: true, mode: 0o644, sizeBytes: 0 }],
  },
  {
    name: "creat, relative to a changed directory, through ..",
    run: `chdir "d"; call("creat", "../f", 0600)`,
    events: [
      {
        ...FILE,
        operation: "open",
        syscall: "creat",
        path: "f",
        wantsCreate: true,
        created: true,
        mode: 0o600,
        sizeBytes: 0,
      },
    ],
  },
  {
    name: "openat2 takes its flags from a structure",
    run: `call("openat2", D, "f", pack("QQQ", 0102, 0604, 0), 24)`,
    events: [
      {
        ...FILE,
        operation: "open",
        reads: true,
        syscall: "openat2",
        path: "d/f",
        wantsCreate: true,
        created: true,
        mode: 0o604,
        sizeBytes: 0,
      },
    ],
  },
  {
    name: "open with O_CREAT of a file that exists",
    before: file("f"),
    run: `call("openat", ${AT_FDCWD}, "f", 0102, 0600)`,
    events: [
      {
        ...FILE,
        operation: "open",
        reads: true,
        syscall: "openat",
        path: "f",
        wantsCreate: true,
        mode: 0o644,
        sizeBytes: 7,
      },
    ],
  },
  {
    name: "open through a symlink gives the file behind it",
    before: (directory) => {
      file("f")(directory);
      symlinkSync("../f", join(directory, "d/link"));
    },
    run: `call("openat", D, "link", 1)`,
    events: [{ ...FILE, operation: "open", syscall: "openat", path: "f", mode: 0o644, sizeBytes: 7 }],
  },
  {
    name: "O_EXCL on what exists",
    before: file("f"),
    run: `call("openat", ${AT_FDCWD}, "f", 0301, 0600)`,
    events: [{ operation: "open", syscall: "openat", path: "f", result: "EEXIST", wantsCreate: true, mode: 0o600 }],
  },
  {
    name: "open for writing of what does not exist",
    run: `call("openat", ${AT_FDCWD}, "none/f", 1)`,
    events: [{ operation: "open", syscall: "openat", path: "none/f", result: "ENOENT" }],
  },
  { name: "opening for reading what is old", run: `call("open", "/etc/hostname", 0)`, events: [] },
  {
    name: "opening for reading what has changed: once",
    before: file("f"),
    run: `call("open", "f", 0); call("open", "f", 0)`,
    events: [{ ...FILE, operation: "read", syscall: "open", path: "f", sizeBytes: 7 }],
  },
  { name: "O_PATH opens nothing", before: file("f"), run: `call("open", "f", 010000001)`, events: [] },
  {
    name: "devices, pipes, memory files, abstract sockets, closed descriptors, bad addresses change no file system",
    run: `call("open", "/dev/null", 1); pipe(A, B); syswrite B, "x"; my $name = "m"; my $m = syscall(319, $name, 0); call("write", $m, "x", 1);
      socket(S, 1, 1, 0); bind(S, pack("S a*", 1, "\\0abstract")); call("ftruncate", 99, 0); call("mkdir", 8, 0700);`,
    events: [],
  },
  {
    name: "mkdir through a symlinked parent and ..: the parent's parent, not the link's",
    before: (directory) => {
      mkdirSync(join(directory, "a/b"), { recursive: true });
      symlinkSync("a/b", join(directory, "l"));
    },
    run: `call("mkdir", "l/../new/", 0750)`,
    events: [{ operation: "mkdir", syscall: "mkdir", path: "a/new", result: 0, mode: 0o750 }],
  },
  {
    name: "mkdirat relative to a descriptor",
    run: `call("mkdirat", D, "new", 01777)`,
    events: [{ operation: "mkdir", syscall: "mkdirat", path: "d/new", result: 0, mode: 0o1777 }],
  },
  {
    name: "mkdir of what exists",
    run: `call("mkdir", "d", 0700)`,
    events: [{ operation: "mkdir", syscall: "mkdir", path: "d", result: "EEXIST", mode: 0o700 }],
  },
  {
    name: "rmdir",
    run: `call("rmdir", "d")`,
    events: [{ operation: "rmdir", syscall: "rmdir", path: "d", result: 0 }],
  },
  {
    name: "unlinkat takes a directory away",
    run: `call("unlinkat", ${AT_FDCWD}, "d", 0x200)`,
    events: [{ operation: "rmdir", syscall: "unlinkat", path: "d", result: 0 }],
  },
  {
    name: "unlink takes the symlink, not what it leads to",
    before: (directory) => symlinkSync("d", join(directory, "l")),
    run: `call("unlink", "l")`,
    events: [{ operation: "unlink", syscall: "unlink", path: "l", result: 0 }],
  },
  {
    name: "unlink of a directory",
    run: `call("unlink", "d")`,
    events: [{ operation: "unlink", syscall: "unlink", path: "d", result: "EISDIR" }],
  },
  {
    name: "rename with a descriptor at each end",
    before: (directory) => {
      mkdirSync(join(directory, "e"));
      writeFileSync(join(directory, "d/old"), "");
    },
    run: `opendir(E, "e"); call("renameat2", D, "old", fileno(E), "new", 0)`,
    events: [{ operation: "rename", syscall: "renameat2", path: "d/old", path2: "e/new", result: 0 }],
  },
  {
    name: "rename with a symlinked parent at each end",
    before: (directory) => {
      mkdirSync(join(directory, "e"));
      writeFileSync(join(directory, "d/old"), "");
      symlinkSync("d", join(directory, "from"));
      symlinkSync(join(directory, "e"), join(directory, "to"));
    },
    run: `call("rename", "from/old", "to/new")`,
    events: [{ operation: "rename", syscall: "rename", path: "d/old", path2: "e/new", result: 0 }],
  },
  {
    name: "link",
    before: file("f"),
    run: `call("linkat", ${AT_FDCWD}, "f", D, "g", 0)`,
    events: [{ operation: "link", syscall: "linkat", path: "f", path2: "d/g", result: 0 }],
  },
  {
    name: "symlink: the text is given as it is",
    run: `call("symlinkat", "../no//where", D, "l")`,
    events: [{ operation: "symlink", syscall: "symlinkat", path: "d/l", target: "../no//where", result: 0 }],
  },
  {
    name: "a symlink made by the process is on the way of its next calls, and gone when it was removed",
    run: `call("symlink", "d", "l"); call("mkdir", "l/x", 0700); call("rename", "l", "m"); call("mkdir", "m/y", 0700);
      call("unlink", "m"); call("mkdir", "m", 0700); call("mkdir", "m/z", 0700)`,
    events: [
      { operation: "symlink", syscall: "symlink", path: "l", target: "d", result: 0 },
      { operation: "mkdir", syscall: "mkdir", path: "d/x", result: 0, mode: 0o700 },
      { operation: "rename", syscall: "rename", path: "l", path2: "m", result: 0 },
      { operation: "mkdir", syscall: "mkdir", path: "d/y", result: 0, mode: 0o700 },
      { operation: "unlink", syscall: "unlink", path: "m", result: 0 },
      { operation: "mkdir", syscall: "mkdir", path: "m", result: 0, mode: 0o700 },
      { operation: "mkdir", syscall: "mkdir", path: "m/z", result: 0, mode: 0o700 },
    ],
  },
  {
    name: "mknod",
    run: `call("mknod", "p", 010640, 0)`,
    events: [{ operation: "mknod", syscall: "mknod", path: "p", result: 0, mode: 0o640 }],
  },
  {
    name: "chmod follows a symlink",
    before: (directory) => symlinkSync("d", join(directory, "l")),
    run: `call("chmod", "l", 0711)`,
    events: [{ operation: "chmod", syscall: "chmod", path: "d", result: 0, mode: 0o711 }],
  },
  {
    name: "fchmod",
    run: `call("fchmod", D, 0711)`,
    events: [{ operation: "chmod", syscall: "fchmod", path: "d", result: 0, mode: 0o711, type: "dir" }],
  },
  {
    name: "chmod by /proc/self/fd, as fchmodat of C libraries does it",
    run: `call("chmod", "/proc/self/fd/" . D, 0711)`,
    events: [{ operation: "chmod", syscall: "chmod", path: "d", result: 0, mode: 0o711 }],
  },
  {
    name: "lchown does not follow, -1 leaves as it is",
    before: (directory) => symlinkSync("d", join(directory, "l")),
    run: `call("lchown", "l", -1, 33)`,
    events: [{ operation: "chown", syscall: "lchown", path: "l", result: 0, owner: { uid: -1, gid: 33 } }],
  },
  {
    name: "fchownat with an empty path means its descriptor",
    run: `call("fchownat", D, "", 7, 8, 0x1000)`,
    events: [{ operation: "chown", syscall: "fchownat", path: "d", result: 0, owner: { uid: 7, gid: 8 } }],
  },
  {
    name: "truncate",
    before: file("f"),
    run: `call("truncate", "f", 3)`,
    events: [{ operation: "truncate", syscall: "truncate", path: "f", result: 0 }],
  },
  {
    name: "fallocate tells the apparent size",
    run: `call("openat", ${AT_FDCWD}, "f", 0101, 0600); call("fallocate", $last, 0, 0, 8192)`,
    events: [
      {
        ...FILE,
        operation: "open",
        syscall: "openat",
        path: "f",
        wantsCreate: true,
        created: true,
        mode: 0o600,
        sizeBytes: 0,
      },
      { ...FILE, operation: "fallocate", syscall: "fallocate", path: "f", sizeBytes: 8192 },
    ],
  },
  {
    name: "utimensat without a path means its descriptor",
    run: `call("utimensat", D, 0, 0, 0)`,
    events: [{ operation: "utimes", syscall: "utimensat", path: "d", result: 0 }],
  },
  {
    name: "setxattr and removexattr",
    before: file("f"),
    run: `call("setxattr", "f", "user.a", "v", 1, 0); call("lremovexattr", "f", "user.a")`,
    events: [
      { operation: "xattr", syscall: "setxattr", path: "f", result: 0 },
      { operation: "xattr", syscall: "lremovexattr", path: "f", result: 0 },
    ],
  },
  {
    name: "bytes are summed per file, over every way of writing: told first, at each doubling from 64 KiB, and at the end",
    before: file("f", "x".repeat(1000)),
    run: `sysopen(F, "g", 0102, 0600); sysopen(G, "f", 0); my $f = fileno F;
      call("write", $f, "x" x 10, 10); call("pwrite64", $f, "x" x 10, 10, 10); call("sendfile", $f, fileno G, 0, 1000);
      call("copy_file_range", fileno G, pack("Q", 0), $f, pack("Q", 2000), 1000, 0); call("pwrite64", $f, "y" x 70000, 70000, 0)`,
    events: [
      {
        ...FILE,
        operation: "open",
        reads: true,
        syscall: "openat",
        path: "g",
        wantsCreate: true,
        created: true,
        mode: 0o600,
        sizeBytes: 0,
      },
      { ...FILE, operation: "read", syscall: "openat", path: "f", sizeBytes: 1000 },
      { ...FILE, operation: "write", syscall: "write", path: "g", bytes: 10, sizeBytes: 10 },
      { ...FILE, operation: "write", syscall: "pwrite64", path: "g", bytes: 72_020, sizeBytes: 70_000 },
    ],
  },
  {
    name: "writing to a file that is no longer there",
    run: `sysopen(F, "g", 0102, 0600); call("unlink", "g"); call("write", fileno F, "x", 1)`,
    events: [
      {
        ...FILE,
        operation: "open",
        reads: true,
        syscall: "openat",
        path: "g",
        wantsCreate: true,
        created: true,
        mode: 0o600,
        sizeBytes: 0,
      },
      { operation: "unlink", syscall: "unlink", path: "g", result: 0 },
      { ...FILE, operation: "write", syscall: "write", path: "g", bytes: 1, sizeBytes: 1 },
    ],
  },
  {
    name: "bind of a socket, whose path need not end in a zero byte",
    run: `chdir "d"; socket(S, 1, 1, 0); my $a = pack("S a*", 1, "sockXX"); call("bind", fileno S, $a, 6)`,
    events: [{ operation: "bind", syscall: "bind", path: "d/sock", result: 0 }],
  },
  {
    name: "access tells W_OK only",
    run: `call("access", "d", 4); call("access", "d", 2); call("faccessat2", D, "none", 2, 0)`,
    events: [
      { operation: "access", syscall: "access", path: "d", result: 0 },
      { operation: "access", syscall: "faccessat2", path: "d/none", result: "ENOENT" },
    ],
  },
  {
    name: "chroot: paths are the container's, and so are absolute symlinks and .. at the root",
    before: (directory) => {
      mkdirSync(join(directory, "jail/real"), { recursive: true });
      symlinkSync("/real", join(directory, "jail/l"));
    },
    run: `chroot "jail"; chdir "/"; call("mkdir", "/../../a", 0700); call("mkdir", "l/b", 0700); call("mkdir", "/l/../../c", 0700);
      call("openat", ${AT_FDCWD}, "/real/f", 0101, 0600); chdir "/real"; call("unlink", "f"); call("open", "/none/x", 1)`,
    events: [
      { operation: "mkdir", syscall: "mkdir", path: "jail/a", result: 0, mode: 0o700 },
      { operation: "mkdir", syscall: "mkdir", path: "jail/real/b", result: 0, mode: 0o700 },
      { operation: "mkdir", syscall: "mkdir", path: "jail/c", result: 0, mode: 0o700 },
      {
        ...FILE,
        operation: "open",
        syscall: "openat",
        path: "jail/real/f",
        wantsCreate: true,
        created: true,
        mode: 0o600,
        sizeBytes: 0,
      },
      { operation: "unlink", syscall: "unlink", path: "jail/real/f", result: 0 },
      { operation: "open", syscall: "open", path: "jail/none/x", result: "ENOENT" },
    ],
  },
  {
    name: "symlinks in a ring end nowhere",
    before: (directory) => {
      symlinkSync("b", join(directory, "a"));
      symlinkSync("a", join(directory, "b"));
    },
    run: `call("mkdir", "a/x", 0700)`,
    events: [
      { operation: "mkdir", syscall: "mkdir", path: expect.stringMatching(/^[ab]/), result: "ELOOP", mode: 0o700 },
    ],
  },
  {
    name: "a name that is not UTF-8 is not to be trusted",
    run: `call("mkdir", "\\xff\\xfe", 0700)`,
    events: [
      { operation: "mkdir", syscall: "mkdir", path: "\uFFFD\uFFFD", result: 0, mode: 0o700, pathUncertain: true },
    ],
  },
  {
    name: "a name with a line feed, a quote and a backslash is a name",
    run: `call("mkdir", "a\\n\\"\\\\", 0700)`,
    events: [{ operation: "mkdir", syscall: "mkdir", path: 'a\n"\\', result: 0, mode: 0o700 }],
  },
  {
    name: "an unnamed temporary file",
    run: `call("openat", ${AT_FDCWD}, "d", 020200002, 0600)`,
    events: [
      {
        ...FILE,
        operation: "open",
        reads: true,
        syscall: "openat",
        path: expect.stringMatching(/^d\/#\d+$/),
        wantsCreate: true,
        created: true,
        mode: 0o600,
        sizeBytes: 0,
      },
    ],
  },
];

let observed: Observation;
const cgroup = makeCgroup(UNIFIED, containerId());
beforeAll(async () => {
  for (const index of CASES.keys()) mkdirSync(join(sandbox, String(index), "d"), { recursive: true });
  observed = await observe({ id: cgroup.id }, async () => {
    await cgroup.hold();
    for (const [index, { before, run }] of CASES.entries()) {
      const directory = join(sandbox, String(index));
      before?.(directory);
      const done = cgroup.run(["perl", "-e", perl(run)], directory);
      if (done.status !== 0) throw new Error(`${CASES[index]?.name}: ${done.stderr}`);
    }
  });
});
afterAll(async () => {
  await cgroup.remove();
  rmSync(sandbox, { recursive: true, force: true });
});

function perl(code: string): string {
  const table = Object.entries(numbers)
    .map(([name, number]) => `${name}=>${number}`)
    .join(",");
  return `use strict; no warnings; my %n=(${table}); my $last; opendir(my $d, "d"); my $dn = fileno $d;
    sub D() { $dn }
    sub call { my ($name, @arguments) = @_; $last = syscall($n{$name}, @arguments) }
    ${code}; exit 0;`;
}

test.each(CASES.map((entry, index) => ({ ...entry, index })))("$name", ({ index, events }) => {
  const directory = join(sandbox, String(index));
  const seen = observed.events.filter(
    (event) =>
      !isExecution(event) && (event.path.startsWith(`${directory}/`) || event.path.startsWith(`${directory}\uFFFD`)),
  );
  expect(seen.map((event) => summary(event, directory))).toEqual(events);
});

test("nothing was seen outside of the cases, and nothing was lost", () => {
  const outside = observed.events.filter((event) => !isExecution(event) && !event.path.startsWith(`${sandbox}/`));
  expect(outside).toEqual([]);
  expect(observed.loss).toEqual(NO_LOSS);
});

describe("who it was", () => {
  test("pid, user, group and executable are told with each event", () => {
    const event = observed.events.find(({ operation }) => operation === "mkdir");
    expect(event?.process).toEqual({
      pid: expect.any(Number),
      uid: 0,
      gid: 0,
      comm: "perl",
      exe: expect.stringMatching(/perl$/),
    });
    expect(event?.container).toBe(cgroup.id);
  });
});
