import { expect, test } from "vitest";
import type { WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import { TracedFiles } from "./files.ts";

const SHIPPED: FileTree = {
  entry: (path) =>
    path === "/d/shipped"
      ? { type: "file", mode: 0o644, uid: 0, gid: 0, sizeBytes: 10 }
      : path === "/d"
        ? { type: "dir", mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 }
        : undefined,
  children: () => [],
};

function write(path: string): WriteEvent {
  const process = { pid: 1, uid: 0, gid: 0, comm: "" };
  return { container: "c", timeNs: 0n, operation: "write", syscall: "write", result: 0, path, process };
}

test("the image tells what exists until a call tells otherwise", () => {
  const files = new TracedFiles(SHIPPED);
  expect(["/d/shipped", "/d/new"].map((path) => files.exists(path))).toEqual([true, false]);
  files.removed("/d/shipped");
  files.made("/d/new");
  expect(["/d/shipped", "/d/new"].map((path) => files.exists(path))).toEqual([false, true]);
});

test("sizes are at least what is there: appended, written at an offset, cut", () => {
  const files = new TracedFiles(SHIPPED);
  expect(files.wrote(write("/d/shipped"), 5, undefined).sizeBytes).toBe(15);
  expect(files.wrote(write("/d/shipped"), 5, 100).sizeBytes).toBe(105);
  expect(files.wrote(write("/d/shipped"), 5, 0).sizeBytes).toBe(105);
  files.resized("/d/shipped", 3);
  expect(files.sizeOf("/d/shipped")).toBe(3);
});

test("a directory that is renamed takes along what is known below it", () => {
  const files = new TracedFiles(SHIPPED);
  files.wrote(write("/d/a"), 5, undefined);
  files.moved("/d", "/e", false);
  expect(["/d", "/d/a", "/e/a"].map((path) => files.exists(path))).toEqual([false, false, true]);
  expect(files.untoldAt("/e/a")?.writtenBytes).toBe(5);
});

test("an exchange leaves both, and takes what is known to the other name", () => {
  const files = new TracedFiles(undefined);
  files.wrote(write("/a"), 1, undefined);
  files.wrote(write("/b"), 2, undefined);
  files.moved("/a", "/b", true);
  expect(["/a", "/b"].map((path) => files.sizeOf(path))).toEqual([2, 1]);
});

test("a later run inherits what stays, with nothing left to tell", () => {
  const first = new TracedFiles(undefined);
  first.wrote(write("/volume/x"), 1, undefined);
  first.wrote(write("/tmp/y"), 1, undefined);
  const second = new TracedFiles(undefined);
  second.inherit(first, (path) => path.startsWith("/volume/"));
  expect(["/volume/x", "/tmp/y"].map((path) => second.isChanged(path))).toEqual([true, false]);
  expect([...second.untold()]).toEqual([]);
});
