import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeRecord, fileType, RECORD_FLAG, RECORD_KIND, statDevice, type KernelRecord } from "./record.ts";

const fixture = join(import.meta.dirname, "../../test/fixtures/sensor-records.json");
const records = JSON.parse(readFileSync(fixture, "utf8")) as Readonly<Record<string, string>>;

/** Decodes a recorded record that lies somewhere in a larger buffer, as in the ring. */
function decoded(name: string): KernelRecord {
  const bytes = Buffer.concat([
    Buffer.alloc(24, 0xaa),
    Buffer.from(records[name] ?? "", "base64"),
    Buffer.alloc(8, 0xaa),
  ]);
  return decodeRecord(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 24);
}

const HERE = "/tmp/petrify-fixture";

describe("records as the kernel wrote them", () => {
  test("an open that made a file: the file itself, with its mount and inode", () => {
    const record = decoded("open");
    expect(record).toMatchObject({
      kind: RECORD_KIND.call,
      call: 257,
      flags: RECORD_FLAG.created | RECORD_FLAG.byFile,
      comm: "perl",
      uid: 0,
      gid: 0,
      base: `${HERE}/d/f`,
      baseMount: "/",
      fsType: "ext4",
      root: "/",
      path: "",
      garbled: false,
      sizeBytes: 0,
    });
    expect(fileType(record.mode)).toBe("file");
    expect(record.args[0] & 0o1101).toBe(0o1101);
  });

  test("a write: bytes and size", () => {
    expect(decoded("write")).toMatchObject({ call: 1, result: 5, bytes: 5, sizeBytes: 5, base: `${HERE}/d/f` });
    expect(decoded("write").ino).toBe(decoded("open").ino);
  });

  test("a rename: both texts, each with its directory", () => {
    expect(decoded("rename")).toMatchObject({
      call: 82,
      result: 0,
      base: HERE,
      path: "d/f",
      base2: HERE,
      path2: "../petrify-fixture/g",
    });
  });

  test("a refused mkdir: the errno, and an absolute text without a directory", () => {
    const record = decoded("refused");
    expect(record).toMatchObject({ call: 83, result: -2, path: "/proc/none", base: "/" });
    expect(record.flags & RECORD_FLAG.baseIsRoot).not.toBe(0);
  });

  test("a chroot'ed process: its root in the container", () => {
    expect(decoded("chrooted")).toMatchObject({ root: `${HERE}/d`, path: "/in" });
  });

  test("a name that is not UTF-8", () => {
    expect(decoded("garbled")).toMatchObject({ garbled: true, path: "\uFFFD" });
  });

  test("an exec: the file, the name given, the directory it was given in", () => {
    expect(decoded("exec")).toMatchObject({
      kind: RECORD_KIND.exec,
      path: "/usr/bin/perl",
      base: "/usr/bin/perl",
      base2: "/",
    });
  });

  test("a line of the mount table", () => {
    expect(decoded("mount")).toMatchObject({ kind: RECORD_KIND.mount, baseMount: "/proc", fsType: "proc" });
  });
});

test.each([
  ["a disk's partition", (8 << 20) | 1, 0x801],
  ["a minor number beyond 8 bits", (259 << 20) | 0x12345, 0x12310345],
  ["an unnamed device", 0x31, 0x31],
])("%s has the number that stat(2) gives", (_, kernel, stat) => {
  expect(statDevice(kernel)).toBe(stat);
});
