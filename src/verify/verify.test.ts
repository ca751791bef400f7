import { expect, test } from "vitest";
import { plainWorkload } from "../../test/support/workload.ts";
import { withEnvironment } from "./verify.ts";

test("a variable that the strategy names without a value gets the one that was given, and only that", () => {
  const workload = plainWorkload("image", { env: ["TZ=UTC", "PASSWORD"] });
  expect(withEnvironment(workload, { PASSWORD: "given", TZ: "ignored" }).env).toEqual(["TZ=UTC", "PASSWORD=given"]);
});

test("a variable nobody gave is refused: it is not drawn from Petrify's own environment", () => {
  const workload = plainWorkload("image", { env: ["HOME"] });
  expect(() => withEnvironment(workload, {})).toThrowError(expect.objectContaining({ code: "E_USAGE" }));
});
