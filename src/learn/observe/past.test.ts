import { expect, test } from "vitest";
import type { LayerChange } from "../../model/change.ts";
import type { FileType } from "../../model/event.ts";
import { treeOf } from "../../../test/support/write-events.ts";
import { ProfileFold } from "../fold/fold.ts";
import { pastEvents } from "./past.ts";

function change(kind: LayerChange["kind"], path: string, type: FileType = "file"): LayerChange {
  return kind === "deleted"
    ? { path, kind }
    : { path, kind, entry: { type, mode: 0o755, uid: 33, gid: 33, sizeBytes: type === "file" ? 100_000 : 0 } };
}

test("what a layer holds is folded as if it had just been made, by nobody that was seen", () => {
  const changes = [
    change("added", "/srv/new", "dir"),
    change("added", "/srv/new/file"),
    change("changed", "/srv/shipped"),
    change("deleted", "/srv/gone"),
    change("added", "/srv/link", "symlink"),
    change("added", "/run/sock", "socket"),
    change("changed", "/srv", "dir"),
  ];
  const fold = new ProfileFold({ image: treeOf("/srv/", "/srv/shipped", "/srv/gone", "/run/") });
  fold.beginPhase("first");
  fold.add(pastEvents("c", changes));
  const records = Object.fromEntries(fold.records().map((record) => [record.path, record]));
  expect(Object.fromEntries(Object.entries(records).map(([path, { done }]) => [path, done]))).toEqual({
    "/run/sock": ["bind"],
    "/srv": ["chmod"],
    "/srv/gone": ["unlink"],
    "/srv/link": ["symlink"],
    "/srv/new": ["mkdir"],
    "/srv/new/file": ["open"],
    "/srv/shipped": ["open"],
  });
  expect(records["/srv/new/file"]).toMatchObject({
    created: true,
    createsItself: true,
    by: [],
    sizeClassBytes: 131_072,
  });
  expect(records["/srv/shipped"]).toMatchObject({ created: false, createsItself: false, uids: [33] });
  expect(fold.table().every(({ events }) => events === 0)).toBe(true);
});
