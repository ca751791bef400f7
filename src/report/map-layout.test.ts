import { describe, expect, test } from "vitest";
import { crowded, everyKind, record, reported } from "../../test/support/report-samples.ts";
import { strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";
import { groupsOf, layOut } from "./map-layout.ts";
import { placesOf } from "./places.ts";

const SAMPLES = { everyKind: everyKind(), crowded: crowded(5000) };

describe.each(Object.entries(SAMPLES))("%s", (_, sample) => {
  const groups = groupsOf(placesOf(sample, "w1"));

  test("no path is lost", () => {
    const count = groups.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell.count, 0);
    expect(count).toBe(sample.profile.records.length);
  });

  test.each(["size", "count"] as const)("by %s every cell is inside its group and can be seen", (measure) => {
    for (const { group, cells } of layOut(groups, measure, 1000, 500))
      for (const { left, top, width, height } of [group, ...cells]) {
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(Math.max(left + width, top + height)).toBeLessThan(100.001);
        expect(width * height).toBeGreaterThan(1);
      }
  });
});

test("by size what is larger gets more, by count all get the same; a directory does not count twice", () => {
  const records = [
    record("/data", { type: "dir", sizeClassBytes: 2 ** 30 }),
    record("/data/a", { sizeClassBytes: 2 ** 30 }),
    record("/data/b", { sizeClassBytes: 2 ** 28 }),
  ];
  const groups = groupsOf(placesOf(reported(strategy([volume("/data")]), records), "w1"));
  const areas = (measure: "size" | "count") =>
    layOut(groups, measure, 1000, 500)[0]!.cells.map(({ width, height }) => Math.round((width * height) / 100));
  expect(areas("size")).toEqual([0, 80, 20]);
  expect(areas("count")).toEqual([33, 33, 33]);
});

test("an entry where nothing was seen has a place all the same", () => {
  const groups = groupsOf(placesOf(reported(strategy([tmpfs("/run"), volume("/data")]), [record("/data/a")]), "w1"));
  expect(layOut(groups, "size", 1000, 500).map(({ group }) => group.width * group.height > 300)).toEqual([true, true]);
});
