import { expect, test } from "vitest";
import { quantity } from "./quantity.ts";

test.each<[unknown, number | undefined]>([
  ["64Mi", 2 ** 26],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["1G", 1e9],
  ["1k", 1000],
  ["500m", 0.5],
  ["1e3", 1000],
  ["1E3", 1000],
  ["1E", 1e18],
  [".5", 0.5],
  ["5.", 5],
  ["1048576", 1_048_576],
  [7, 7],
  ["1K", undefined],
  ["1 Mi", undefined],
  ["lots", undefined],
  ["1constructor", undefined],
  ["", undefined],
  [true, undefined],
  [undefined, undefined],
])("%j is %s", (text, number) => {
  expect(quantity(text)).toBe(number);
});
