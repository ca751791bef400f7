import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { type CaseRun, runCases } from "../../test/support/case-folders.ts";
import { type Call32, int80Program, PREVIOUS } from "../../test/support/int80.ts";
import { NO_LOSS } from "../model/event.ts";

// 32-bit code calls the kernel by other numbers and in other registers. Each case is a program that does, in an armed cgroup.

const WRITE_CREATE = 0o101;
const AT_FDCWD = -100;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const MADE = {
  operation: "open",
  result: 0,
  path: "new",
  type: "file",
  wantsCreate: true,
  created: true,
  mode: 0o640,
  sizeBytes: 0,
};

interface Case {
  readonly name: string;
  readonly calls: readonly Call32[];
  readonly events: readonly Record<string, unknown>[];
}

const CASES: readonly Case[] = [
  {
    name: "mkdir",
    calls: [{ number: 39, args: ["link/a", 0o750] }],
    events: [{ operation: "mkdir", syscall: "mkdir", result: 0, path: "dir/a", mode: 0o750 }],
  },
  {
    name: "open and write",
    calls: [
      { number: 5, args: ["new", WRITE_CREATE, 0o640] },
      { number: 4, args: [PREVIOUS, "hello", 5] },
    ],
    events: [
      { ...MADE, syscall: "open" },
      { operation: "write", syscall: "write", result: 0, path: "new", type: "file", bytes: 5, sizeBytes: 5 },
    ],
  },
  {
    name: "openat, whose mode is the fourth argument",
    calls: [{ number: 295, args: [AT_FDCWD, "new", WRITE_CREATE, 0o640] }],
    events: [{ ...MADE, syscall: "openat" }],
  },
  {
    name: "renameat2, whose flags are the fifth",
    calls: [{ number: 353, args: [AT_FDCWD, "file", AT_FDCWD, "dir", 2] }],
    events: [{ operation: "rename", syscall: "renameat2", result: 0, path: "file", path2: "dir" }],
  },
  {
    name: "unlink, which fails",
    calls: [{ number: 10, args: ["none"] }],
    events: [{ operation: "unlink", syscall: "unlink", result: "ENOENT", path: "none" }],
  },
  {
    name: "a socket by socketcall",
    calls: [
      { number: 102, args: [1, { words: [AF_UNIX, SOCK_STREAM, 0] }] },
      // The descriptor is the first that a program has to give.
      { number: 102, args: [2, { words: [3, `${String.fromCharCode(AF_UNIX)}\0socket`, 9] }] },
    ],
    events: [{ operation: "bind", syscall: "socketcall", result: 0, path: "socket" }],
  },
];

let seen: CaseRun | undefined;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "petrify-int80-"));
  const program = (name: string, calls: readonly Call32[]): string => {
    writeFileSync(join(folder, name), int80Program(calls), { mode: 0o755 });
    return join(folder, name);
  };
  try {
    if (spawnSync(program("none", [])).status !== 0) return;
    seen = await runCases(CASES.map(({ calls }, index) => [program(String(index), calls)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const NO_32_BIT = "this kernel runs no 32-bit system calls";

describe("32-bit calls", () => {
  test.for(CASES.map((one, index) => ({ ...one, index })))("$name", ({ index, events }, context) => {
    if (seen === undefined) context.skip(NO_32_BIT);
    expect(seen?.eventsOf(index)).toEqual(events);
  });

  test("nothing is lost", (context) => {
    if (seen === undefined) context.skip(NO_32_BIT);
    expect(seen?.observation.loss).toEqual(NO_LOSS);
  });
});
