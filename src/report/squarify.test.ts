import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Rectangle, squarify } from "./squarify.ts";

const WEIGHTS = fc.array(fc.oneof(fc.integer({ min: 1, max: 2 ** 40 }), fc.constant(65_536)), {
  minLength: 1,
  maxLength: 120,
});
const SIDE = fc.integer({ min: 20, max: 4000 });
/** Of the whole area, for what floating point loses. */
const TOLERANCE = 1e-6;

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

test("areas are in proportion, inside, and nothing overlaps: then nothing is left over either", () => {
  fc.assert(
    fc.property(WEIGHTS, SIDE, SIDE, (weights, width, height) => {
      const cells = squarify(weights, { left: 3, top: 5, width, height });
      const area = width * height;
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expect(cells).toHaveLength(weights.length);
      for (const [index, cell] of cells.entries()) {
        expect(Math.abs(cell.width * cell.height - (area * weights[index]!) / total)).toBeLessThan(area * TOLERANCE);
        expect(overlap(cell, { left: 3, top: 5, width, height })).toBeGreaterThan(
          cell.width * cell.height - area * TOLERANCE,
        );
        for (const other of cells.slice(index + 1)) expect(overlap(cell, other)).toBeLessThan(area * TOLERANCE);
      }
    }),
  );
});

test("equal weights in a square are squares", () => {
  const cells = squarify([1, 1, 1, 1], { left: 0, top: 0, width: 10, height: 10 });
  expect(cells.map(({ width, height }) => [width, height])).toEqual([1, 2, 3, 4].map(() => [5, 5]));
});

test("the example of the paper: 6, 6, 4, 3, 2, 2, 1 in 6 by 4", () => {
  const cells = squarify([6, 6, 4, 3, 2, 2, 1], { left: 0, top: 0, width: 6, height: 4 });
  expect(cells[0]).toEqual({ left: 0, top: 0, width: 3, height: 2 });
  expect(cells[1]).toEqual({ left: 0, top: 2, width: 3, height: 2 });
  expect(cells[2]!.width).toBeCloseTo(12 / 7);
});
