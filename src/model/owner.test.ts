import { expect, test } from "vitest";
import { ownerInContainer } from "./owner.ts";

test.for([
  [{ uid: 0, gid: 0 }, undefined, { uid: 0, gid: 0 }],
  [
    { uid: 100_000, gid: 200_000 },
    { uid: 100_000, gid: 200_000 },
    { uid: 0, gid: 0 },
  ],
  [
    { uid: 101_000, gid: 200_033 },
    { uid: 100_000, gid: 200_000 },
    { uid: 1_000, gid: 33 },
  ],
  // It shares the host's users.
  [
    { uid: 0, gid: 33 },
    { uid: 100_000, gid: 200_000 },
    { uid: 0, gid: 33 },
  ],
] as const)("%j, where root is %j, is %j in the container", ([owner, root, expected]) => {
  expect(ownerInContainer(owner, root)).toEqual(expected);
});
