import { expect, test } from "vitest";
import { hasItsShare } from "./share.ts";

const open = [{ uid: 1000 }, { uid: 1000 }, { uid: 0 }, { uid: 0 }, {}, {}];

test.each([
  ["a user with half of them", { uid: 1000 }, 4, true],
  ["with less", { uid: 1000 }, 5, false],
  ["another user", { uid: 1001 }, 2, false],
  ["root", { uid: 0 }, 2, false],
  ["somebody without a name", {}, 2, false],
])("%s", (_who, caller, connections, expected) => {
  expect(hasItsShare(open, caller, connections)).toBe(expected);
});
