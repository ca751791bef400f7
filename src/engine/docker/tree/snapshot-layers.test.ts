import { expect, test } from "vitest";
import { overlayDirectories } from "./snapshot-layers.ts";

const OVERLAY = {
  type: "overlay",
  options: ["index=off", "workdir=/s/3/work", "upperdir=/s/3/fs", "lowerdir=/s/2/fs:/s/1/fs"],
};
const plus = (...options: string[]) => [{ ...OVERLAY, options: [...OVERLAY.options, ...options] }];

test("the directories of an overlay, topmost first", () => {
  expect(overlayDirectories([OVERLAY])).toEqual(["/s/3/fs", "/s/2/fs", "/s/1/fs"]);
});

test.each([
  ["nothing", []],
  ["a bind mount, as of a snapshot without a parent", [{ type: "bind", options: ["rbind", "rw"] }]],
  ["two mounts", [OVERLAY, OVERLAY]],
  ["a read-only view", [{ type: "overlay", options: ["lowerdir=/s/2/fs:/s/1/fs"] }]],
  ["redirected directories", plus("redirect_dir=on")],
  ["metadata apart from content", plus("metacopy=on")],
  ["whiteouts of an unprivileged user", plus("userxattr")],
  ["relative directories", [{ type: "overlay", options: ["upperdir=/s/3/fs", "lowerdir=2/fs:1/fs"] }]],
  [
    "a colon within a directory's name",
    [{ type: "overlay", options: ["upperdir=/s/3/fs", "lowerdir=/a\\:b/fs:/s/1/fs"] }],
  ],
])("%s: none", (_what, mounts) => {
  expect(overlayDirectories(mounts)).toBeUndefined();
});
