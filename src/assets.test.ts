import { accessSync } from "node:fs";
import { expect, test } from "vitest";
import { ASSETS, assetPath, type AssetName } from "./assets.ts";

test.each(Object.keys(ASSETS) as AssetName[])("%s is in the checkout", (name) => {
  expect(() => accessSync(assetPath(name))).not.toThrow();
});
