import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type CaseRun, runCases } from "../../test/support/case-folders.ts";
import type { RingRequest } from "../../test/support/ring-user.ts";
import { NO_LOSS } from "../model/event.ts";

// Each case makes real requests through a ring, from a process of its own in an armed cgroup, and states the exact events.

const CWD = -100;
const WRITE_CREATE = 0o101;
const WRITE_TRUNCATE = 0o1001;
const RING = {
  fallocate: 17,
  openat: 18,
  write: 23,
  renameat: 35,
  unlinkat: 36,
  mkdirat: 37,
  symlinkat: 38,
  linkat: 39,
  fsetxattr: 41,
  setxattr: 42,
} as const;

interface Case {
  readonly name: string;
  /** Paths are relative to the case's directory; `file` and `dir` exist, and `link` leads to `dir`. */
  readonly requests: readonly RingRequest[];
  readonly events: readonly Record<string, unknown>[];
}

const open = (address: string, flags: number, more: Partial<RingRequest> = {}): RingRequest => {
  return { operation: RING.openat, fd: CWD, address, flags, length: 0o640, ...more };
};
const OPENED = { operation: "open", syscall: "openat", result: 0, type: "file" };
const MADE = { ...OPENED, path: "new", wantsCreate: true, created: true, mode: 0o640, sizeBytes: 0 };

const CASES: readonly Case[] = [
  { name: "a file is made", requests: [open("new", WRITE_CREATE)], events: [MADE] },
  {
    name: "and written",
    requests: [open("new", WRITE_CREATE), { operation: RING.write, fd: "previous", address: "hello", length: 5 }],
    events: [
      MADE,
      { operation: "write", syscall: "write", result: 0, path: "new", type: "file", bytes: 5, sizeBytes: 5 },
    ],
  },
  {
    name: "a file is emptied",
    requests: [open("link/../file", WRITE_TRUNCATE)],
    events: [{ ...OPENED, path: "file", truncated: true, mode: 0o644, sizeBytes: 0 }],
  },
  { name: "reading is no event", requests: [open("file", 0)], events: [] },
  {
    name: "a file that goes into the ring's own table",
    requests: [open("new", WRITE_CREATE, { slot: 1 })],
    events: [{ operation: "open", syscall: "openat", result: 0, path: "new", wantsCreate: true, mode: 0o640 }],
  },
  {
    name: "a file where none can be",
    requests: [open("file/new", WRITE_CREATE)],
    events: [
      { operation: "open", syscall: "openat", result: "ENOTDIR", path: "file/new", wantsCreate: true, mode: 0o640 },
    ],
  },
  {
    name: "directories, through a symlink",
    requests: [{ operation: RING.mkdirat, fd: CWD, address: "link/a", length: 0o750 }],
    events: [{ operation: "mkdir", syscall: "mkdirat", result: 0, path: "dir/a", mode: 0o750 }],
  },
  {
    name: "both ends of a rename",
    requests: [{ operation: RING.renameat, fd: CWD, address: "file", address2: "dir/other", length: CWD }],
    events: [{ operation: "rename", syscall: "renameat2", result: 0, path: "file", path2: "dir/other" }],
  },
  {
    name: "both ends of a link, and the text of a symlink",
    requests: [
      { operation: RING.linkat, fd: CWD, address: "file", address2: "hard", length: CWD },
      { operation: RING.symlinkat, fd: CWD, address: "to/where", address2: "soft" },
    ],
    events: [
      { operation: "link", syscall: "linkat", result: 0, path: "file", path2: "hard" },
      { operation: "symlink", syscall: "symlinkat", result: 0, path: "soft", target: "to/where" },
    ],
  },
  {
    name: "unlink and rmdir, failures too",
    requests: [
      { operation: RING.unlinkat, fd: CWD, address: "file" },
      { operation: RING.unlinkat, fd: CWD, address: "dir", flags: 0x200 },
      { operation: RING.unlinkat, fd: CWD, address: "none" },
    ],
    events: [
      { operation: "unlink", syscall: "unlinkat", result: 0, path: "file" },
      { operation: "rmdir", syscall: "unlinkat", result: 0, path: "dir" },
      { operation: "unlink", syscall: "unlinkat", result: "ENOENT", path: "none" },
    ],
  },
  {
    name: "attributes by path",
    requests: [{ operation: RING.setxattr, address: "user.a", address2: "1", address3: "file", length: 1 }],
    events: [{ operation: "xattr", syscall: "setxattr", path: "file", result: 0 }],
  },
];

const onOpenFile = (operation: number, request: Partial<RingRequest>): readonly RingRequest[] => [
  open("new", WRITE_CREATE),
  { operation, fd: "previous", ...request },
];
const OF_NEW = { result: 0, path: "new", type: "file" };
const BY_DESCRIPTOR: readonly Case[] = [
  {
    name: "room is taken",
    requests: onOpenFile(RING.fallocate, { address2: 0, address: 4096 }),
    events: [MADE, { ...OF_NEW, operation: "fallocate", syscall: "fallocate", sizeBytes: 4096 }],
  },
  {
    name: "attributes of what is open",
    requests: onOpenFile(RING.fsetxattr, { address: "user.a", address2: "1", length: 1 }),
    events: [MADE, { ...OF_NEW, operation: "xattr", syscall: "fsetxattr", sizeBytes: 0 }],
  },
];

const WAYS = [
  ["at once", {}],
  ["in a thread of the kernel's", { async: true }],
] as const;
const ALL = WAYS.flatMap(([way, how]) =>
  [...CASES, ...BY_DESCRIPTOR].map((one) => ({
    ...one,
    name: `${one.name}, ${way}`,
    requests: one.requests.map((request) => ({ ...request, ...how })),
  })),
);
const TOO_LONG: readonly RingRequest[] = [
  { operation: RING.mkdirat, fd: CWD, address: `${"d/".repeat(1500)}x`, length: 0o755 },
];

let seen: CaseRun;
beforeAll(async () => {
  const program = join(import.meta.dirname, "../../test/support/ring-user.ts");
  const requests = [...ALL.map((one) => one.requests), TOO_LONG];
  seen = await runCases(requests.map((list) => [process.execPath, program, JSON.stringify(list)]));
});

describe("requests of io_uring", () => {
  test.each(ALL.map((one, index) => ({ ...one, index })))("$name", ({ index, events }) => {
    expect(seen.eventsOf(index)).toEqual(events);
  });

  test("a path longer than what is held is counted, and nothing else is lost", () => {
    expect(seen.eventsOf(ALL.length)).toEqual([]);
    expect(seen.observation.loss).toEqual({ ...NO_LOSS, unreadablePaths: 1 });
  });
});
