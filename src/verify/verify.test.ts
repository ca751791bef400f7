import { expect, test } from "vitest";
import { plainWorkload } from "../../test/support/workload.ts";
import { profileOf, strategyOf } from "../../test/support/judged.ts";
import { isComplete, withEnvironment } from "./verify.ts";

test("a variable that the strategy names without a value gets the one that was given, and only that", () => {
  const workload = plainWorkload("image", { env: ["TZ=UTC", "PASSWORD"] });
  expect(withEnvironment(workload, { PASSWORD: "given", TZ: "ignored" }).env).toEqual(["TZ=UTC", "PASSWORD=given"]);
});

test("a variable nobody gave is refused: it is not drawn from Petrify's own environment", () => {
  const workload = plainWorkload("image", { env: ["HOME"] });
  expect(() => withEnvironment(workload, {})).toThrowError(expect.objectContaining({ code: "E_USAGE" }));
});

const REASON = ["io_uring was used: what is written through it is not observed"];
test.for<[string, Parameters<typeof isComplete>, boolean]>([
  ["all three are complete", [{ incomplete: [] }, strategyOf([]), profileOf([])], true],
  ["the run is not", [{ incomplete: REASON }, strategyOf([]), profileOf([])], false],
  [
    "what the strategy was learned by is not",
    [{ incomplete: [] }, strategyOf([], { incomplete: REASON }), profileOf([])],
    false,
  ],
  [
    "a baseline learned anew is not",
    [{ incomplete: [] }, strategyOf([]), profileOf([], { incomplete: REASON })],
    false,
  ],
])("a run is noted on an image when it proves something: %s", ([, given, expected]) => {
  expect(isComplete(...given)).toBe(expected);
});
