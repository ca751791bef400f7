import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "../../../test/support/arbitrary.ts";
import { parseLine, type TraceLine } from "./line.ts";

test.each<[string, TraceLine]>([
  ['12 unlink("\\x61") = 0', { kind: "call", pid: 12, name: "unlink", args: '"\\x61"', result: "0" }],
  [
    '12 mkdir("\\x61", 0777) = -1 EROFS (Read-only file system)',
    { kind: "call", pid: 12, name: "mkdir", args: '"\\x61", 0777', result: "-1 EROFS (Read-only file system)" },
  ],
  ["7 vfork( <unfinished ...>", { kind: "unfinished", pid: 7, name: "vfork", args: "" }],
  [
    "7 mmap(NULL, 62, 0x1, 0x2, 3<\\x2f>, 0 <unfinished ...>",
    { kind: "unfinished", pid: 7, name: "mmap", args: "NULL, 62, 0x1, 0x2, 3<\\x2f>, 0" },
  ],
  ["7 <... vfork resumed>) = 9", { kind: "resumed", pid: 7, name: "vfork", args: "", result: "9" }],
  ["7 <... write resumed> <unfinished ...>) = ?", { kind: "resumed", pid: 7, name: "write", args: "", result: "?" }],
  ["7 exit_group(0)                         = ?", { kind: "call", pid: 7, name: "exit_group", args: "0", result: "?" }],
  ["7 +++ exited with 1 +++", { kind: "ended", pid: 7 }],
  ["7 +++ killed by SIGSEGV (core dumped) +++", { kind: "ended", pid: 7 }],
  ["7 +++ superseded by execve in pid 9 +++", { kind: "superseded", pid: 7, by: 9 }],
])("%s", (text, line) => {
  expect(parseLine(text)).toEqual(line);
});

test.each([
  "",
  'unlink("\\x61") = 0',
  "12",
  "12 --- SIGCHLD {si_signo=17} ---",
  '12 unlink("\\x61")',
  "12 <... unlink resumed>",
  "12 +++ exited +++",
  "strace: Process 12 attached",
])("is no line: %j", (text) => {
  expect(parseLine(text)).toBeUndefined();
});

/** What strace -xx makes of any bytes. */
const hex = fc
  .uint8Array({ maxLength: 64 })
  .map((bytes) => [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""));

test("whatever a name holds, its call is read as one call with this name", () => {
  fc.assert(
    fc.property(hex, fc.nat(99_999), (name, pid) => {
      const args = `-100<${name}>, "${name}", 0x241, 0666`;
      expect(parseLine(`${pid} openat(${args}) = 3<${name}>`)).toEqual({
        kind: "call",
        pid,
        name: "openat",
        args,
        result: `3<${name}>`,
      });
    }),
  );
});

function isLineOrNone(text: string): boolean {
  const line = parseLine(text);
  return line === undefined || Number.isInteger(line.pid);
}

test("any text is a line or none, and never throws", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(isLineOrNone(text)).toBe(true);
    }),
  );
  const parts = fc.constantFrom(
    "1 ",
    "open(",
    ") = ",
    "<... ",
    " resumed>",
    " <unfinished ...>",
    "+++ ",
    "\\x2f",
    "?",
    "0",
  );
  fc.assert(
    fc.property(fc.array(parts), (texts) => {
      expect(isLineOrNone(texts.join(""))).toBe(true);
    }),
  );
});
