import { expect, test } from "vitest";
import type { LayerChange } from "../../model/change.ts";
import type { TreeEntry } from "../../model/image.ts";
import { eventsOfChanges } from "./events.ts";

const entry = (type: TreeEntry["type"], sizeBytes = 0): TreeEntry => ({ type, mode: 0o640, uid: 5, gid: 6, sizeBytes });

function told(
  changes: readonly LayerChange[],
  known: ReadonlyMap<string, number> = new Map(),
): { readonly lines: readonly string[]; readonly known: ReadonlyMap<string, number> } {
  const found = eventsOfChanges({ container: "c", changes, known, afterRestart: true });
  const lines = found.events.map(({ operation, path, created, sizeBytes }) =>
    [operation, path, ...(created === true ? ["new"] : []), ...(sizeBytes === undefined ? [] : [sizeBytes])].join(" "),
  );
  return { lines, known: found.known };
}

function added(files: Readonly<Record<string, number>>): readonly LayerChange[] {
  return Object.entries(files).map(([path, sizeBytes]) => ({ path, kind: "added", entry: entry("file", sizeBytes) }));
}

test("what was added was made, what was changed was written, what is gone was removed", () => {
  const { lines } = told([
    { path: "/d", kind: "added", entry: entry("dir") },
    { path: "/d/new", kind: "added", entry: entry("file", 7) },
    { path: "/etc", kind: "changed", entry: entry("dir") },
    { path: "/etc/old", kind: "changed", entry: entry("file", 9) },
    { path: "/etc/gone", kind: "deleted" },
    { path: "/l", kind: "added", entry: { ...entry("symlink"), linkTarget: "d" } },
    { path: "/s", kind: "added", entry: entry("socket") },
  ]);
  expect(lines).toEqual([
    "mkdir /d",
    "open /d/new new 7",
    "write /d/new 7",
    "open /etc/old 9",
    "write /etc/old 9",
    "unlink /etc/gone",
    "symlink /l",
    "bind /s",
  ]);
});

test("after a restart what is still there counts as read, what grew as written, what is not there as removed", () => {
  const first = told(added({ "/same": 1, "/grows": 1, "/goes": 1 }));
  const second = told(added({ "/same": 1, "/grows": 3 }), first.known);
  expect(second.lines).toEqual(["read /same 1", "read /grows 3", "write /grows 3", "unlink /goes"]);
});
