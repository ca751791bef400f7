import { expect, test } from "vitest";
import { IMAGE, WORKLOAD } from "../strategy/testing/world.ts";
import { bakedName, pinnedName } from "./base-image.ts";

const DIGEST = `sha256:${"1".repeat(64)}`;

test.each([
  ["app:1", [`other@${DIGEST}`, `app@${DIGEST}`], `app@${DIGEST}`],
  ["app:1", [`docker.io/library/app@${DIGEST}`], `docker.io/library/app@${DIGEST}`],
  ["app:1", [`other@${DIGEST}`], `other@${DIGEST}`],
  ["app:1", [`app\nRUN x@${DIGEST}`, "app:1"], IMAGE.id],
  ["app:1", [], IMAGE.id],
])("%s with the digests %j is pinned as %s", (reference, repoDigests, expected) => {
  expect(pinnedName(reference, { ...IMAGE, repoDigests })).toBe(expected);
});

test.each([
  ["app", "app:latest-baked"],
  ["app:1", "app:1-baked"],
  ["localhost:5000/team/app", "localhost:5000/team/app:latest-baked"],
  ["localhost:5000/team/app:1", "localhost:5000/team/app:1-baked"],
  [`app@${DIGEST}`, "app:latest-baked"],
  [`app:2@${DIGEST}`, "app:2-baked"],
  [`app:${"x".repeat(128)}`, `app:${"x".repeat(122)}-baked`],
  [DIGEST, "name:baked"],
])("%s is baked as %s", (image, expected) => {
  expect(bakedName({ ...WORKLOAD, image, name: "name" })).toBe(expected);
});
