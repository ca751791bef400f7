import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OPERATIONS, type MountRef } from "../model/event.ts";
import { errnoName } from "./errno.ts";
import { Executables } from "./executables.ts";
import { MountTable } from "./mounts.ts";
import { RECORD_FLAG, RECORD_KIND } from "./record.ts";
import {
  CALL_BYTES,
  CALL_NUMBERS,
  CALL_ROWS,
  encodeCall,
  RING_OPERATIONS,
  SYSTEM_CALLS,
  type SystemCall,
} from "./syscalls.ts";

const header = readFileSync(join(import.meta.dirname, "bpf/record.h"), "utf8");

/** `NAME -> value` of an enum of the C header. */
function enumOf(name: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header)?.[1] ?? "";
  let next = 0;
  const entries = body
    .replace(/\/\*.*?\*\//gs, "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return Object.fromEntries(
    entries.map((entry) => {
      const [key = "", text] = entry.split(/\s*=\s*/);
      const shift = /^1 << (\d+)$/.exec(text ?? "")?.[1];
      const value = text === undefined ? next : shift === undefined ? Number(text) : 1 << Number(shift);
      next = value + 1;
      return [key, value];
    }),
  );
}

const upper = (name: string): string =>
  name.replace(/[A-Z]|\d/g, (letter) => (/\d/.test(letter) ? letter : `_${letter}`)).toUpperCase();

describe("the C header and this side agree", () => {
  test("on the kinds of records", () => {
    const kinds = Object.entries(RECORD_KIND).map(([name, value]) => [`RECORD_${upper(name)}`, value]);
    expect(Object.fromEntries(kinds)).toEqual(enumOf("record_kind"));
  });
  test("on the flags of records", () => {
    const all = enumOf("record_flag");
    for (const [name, value] of Object.entries(RECORD_FLAG))
      expect([name, all[`RECORD_${upper(name)}`]]).toEqual([name, value]);
  });
  test.each(Object.keys(SYSTEM_CALLS) as (keyof typeof SYSTEM_CALLS)[])("on the kind of %s", (name) => {
    const call: SystemCall = SYSTEM_CALLS[name];
    const row = encodeCall(name);
    expect(row.length).toBe(CALL_BYTES);
    expect(row[0]).toBe(enumOf("call_kind")[`CALL_${upper(call.kind)}`]);
  });
});

const TABLES = Object.entries(CALL_NUMBERS).flatMap(
  ([architecture, numbers]) =>
    [
      [`${architecture}, its own`, numbers?.native ?? [], CALL_ROWS],
      [`${architecture}, 32-bit`, numbers?.compat === "undecoded" ? [] : (numbers?.compat ?? []), CALL_ROWS],
    ] as const,
);
test.each([...TABLES, ["io_uring", RING_OPERATIONS, 256] as const])(
  "no number is given twice, and each fits the kernel's table: %s",
  (_table, calls, size) => {
    const numbers = calls.map(([, number]) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.filter((number) => number >= size)).toEqual([]);
  },
);

test("each call of io_uring is a system call of its own too", () => {
  for (const numbers of Object.values(CALL_NUMBERS)) {
    const native = new Set(numbers?.native.map(([name]) => name));
    expect(RING_OPERATIONS.filter(([name]) => !native.has(name))).toEqual([]);
  }
});

test("every operation is made by some call", () => {
  const made = new Set(Object.values(SYSTEM_CALLS).map((call: SystemCall) => call.operation));
  // rmdir is also unlinkat with a flag; read is an open.
  expect(OPERATIONS.filter((operation) => !made.has(operation) && operation !== "read")).toEqual([]);
});

test("a row holds each argument where the header has it", () => {
  // kind, flags (follows), fd, dirfd, path, dirfd2, path2, arguments
  expect([...new Int8Array(encodeCall("linkat"))].slice(0, 10)).toEqual([3, 8, -1, 0, 1, 2, 3, 4, -1, -1]);
});

test.each([
  [1, "EPERM"],
  [2, "ENOENT"],
  [13, "EACCES"],
  [17, "EEXIST"],
  [18, "EXDEV"],
  [28, "ENOSPC"],
  [30, "EROFS"],
  [36, "ENAMETOOLONG"],
  [39, "ENOTEMPTY"],
  [40, "ELOOP"],
  [41, "ERRNO_41"],
  [95, "EOPNOTSUPP"],
  [98, "EADDRINUSE"],
  [122, "EDQUOT"],
  [133, "EHWPOISON"],
  [600, "ERRNO_600"],
])("errno %d is %s", (errno, name) => {
  expect(errnoName(errno)).toBe(name);
});

const mount = (target: string, fsType: string): MountRef => ({ target, fsType, readOnly: false });

test("a path is on the mount with the longest target, and on the upper one of two", () => {
  const table = new MountTable([
    mount("/", "rootfs"),
    mount("/", "overlay"),
    mount("/run", "tmpfs"),
    mount("/run/lock", "tmpfs2"),
  ]);
  expect(["/", "/x", "/run", "/run/x/y", "/running", "/run/lock/a"].map((path) => table.of(path)?.fsType)).toEqual([
    "overlay",
    "overlay",
    "tmpfs",
    "tmpfs",
    "overlay",
    "tmpfs2",
  ]);
  expect(new MountTable([]).of("/x")).toBeUndefined();
});

test("executables that are still used outlive a flood of others", () => {
  const executables = new Executables(100);
  executables.set(1, "/daemon");
  for (let id = 2; id < 10_000; id++) {
    executables.set(id, `/short/${id}`);
    if (id % 20 === 0) executables.get(1);
  }
  expect(executables.get(1)).toBe("/daemon");
  expect(executables.get(5)).toBeUndefined();
});
