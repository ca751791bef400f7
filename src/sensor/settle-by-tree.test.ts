import { expect, test } from "vitest";
import { event, treeOf } from "../../test/support/write-events.ts";
import type { MountRef } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";
import { settleByTree } from "./settle-by-tree.ts";

const ROOT: MountRef = { target: "/", fsType: "overlay", readOnly: false };
const SHM: MountRef = { target: "/dev/shm", fsType: "tmpfs", readOnly: false };

/** What becomes of a successful unlink of `text`, of which no process was left to ask. */
function settled(text: string, tree: FileTree, mounts: readonly MountRef[]) {
  const unsure = event("unlink", text, { pathUncertain: true });
  const request = { text, base: "/", root: "/", followLast: false, succeeded: true };
  const trees = new Map([[unsure.container, tree]]);
  const [result] = settleByTree([unsure], [{ index: 0, ends: [{ end: "path", request }], mounts }], trees);
  return { path: result?.path, mount: result?.mount?.target, uncertain: result?.pathUncertain === true };
}

test("below a mount point that the image does not have, a name is certain", () => {
  expect(settled("/dev/shm/segment", treeOf("/dev/"), [ROOT, SHM])).toEqual({
    path: "/dev/shm/segment",
    mount: "/dev/shm",
    uncertain: false,
  });
});

test("a directory in a mount that is gone stays uncertain", () => {
  expect(settled("/dev/shm/made/x", treeOf("/dev/"), [ROOT, SHM])).toMatchObject({ uncertain: true });
});

test("a directory of the image's that is there is certain, and one that is not is not", () => {
  expect(settled("/srv/x", treeOf("/srv/"), [ROOT])).toEqual({ path: "/srv/x", mount: "/", uncertain: false });
  expect(settled("/gone/x", treeOf("/srv/"), [ROOT])).toMatchObject({ uncertain: true });
});
