import { expect, test } from "vitest";
import { idInside } from "./process-facts.ts";

test.for([
  ["the host's namespace", "         0          0 4294967295\n", 1000, 1000],
  ["one range", "         0     100000      65536\n", 101_000, 1000],
  ["several ranges", "0 1000 1\n1 100000 65536\n", 100_004, 5],
  ["the first of several", "0 1000 1\n1 100000 65536\n", 1000, 0],
  ["an id without a name there", "0 100000 65536\n", 0, 0],
] as const)("%s", ([, map, outside, inside]) => {
  expect(idInside(map, outside)).toBe(inside);
});
