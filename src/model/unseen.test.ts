import { expect, test } from "vitest";
import { mergeReasons, unseen } from "./unseen.ts";

const NOTHING = unseen({ start: false, restart: false, test: false });
const START = unseen({ start: true, restart: false, test: false });

test.for([
  ["what was never seen stays unseen", NOTHING, NOTHING, NOTHING.toSorted()],
  ["what one run saw is seen", NOTHING, START, START.toSorted()],
  ["a run of Petrify's own makes up for all of it", NOTHING, [], []],
  ["other reasons stay, whatever the other run says", ["events were lost"], [], ["events were lost"]],
] as const)("%s", ([, a, b, expected]) => {
  expect(mergeReasons(a, b)).toEqual(expected);
  expect(mergeReasons(b, a)).toEqual(expected);
});
