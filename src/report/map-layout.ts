import type { Place, Seen } from "./places.ts";
import { type Rectangle, squarify } from "./squarify.ts";

/** What the area of a cell stands for. */
export type Measure = "size" | "count";

/** One path, or those of a place that are too many to be drawn one by one. */
export interface Cell {
  readonly id: string;
  /** Absent: it stands for several. */
  readonly seen?: Seen;
  readonly sizeBytes: number;
  readonly count: number;
}

export interface Group {
  readonly place: Place;
  readonly cells: readonly Cell[];
}

/** More cells than this cannot be told apart. */
const MAX_CELLS = 240;

/** Cells of all places; the largest paths have one of their own. */
export function groupsOf(places: readonly Place[]): readonly Group[] {
  const sized = places.map((place) => ({ place, cells: place.seen.map((seen) => cellOf(seen, place.seen)) }));
  const all = sized.flatMap(({ cells }) => cells).toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const drawn = new Set(all.slice(0, MAX_CELLS));
  return sized.map(({ place, cells }) => {
    const rest = cells.filter((cell) => !drawn.has(cell));
    const others = rest.length === 0 ? [] : [together(`${place.id}-more`, rest)];
    return { place, cells: [...cells.filter((cell) => drawn.has(cell)), ...others] };
  });
}

function cellOf(seen: Seen, beside: readonly Seen[]): Cell {
  const { path, type, sizeClassBytes } = seen.record;
  // The size of a directory is that of what is in it, which is drawn already.
  const isSummed = type === "dir" && beside.some(({ record }) => record.path.startsWith(`${path}/`));
  return { id: seen.id, seen, sizeBytes: isSummed ? 0 : sizeClassBytes, count: 1 };
}

function together(id: string, cells: readonly Cell[]): Cell {
  return { id, sizeBytes: cells.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), count: cells.length };
}

/** A rectangle for each group within the map, and for each cell within its group; in percent. */
export interface GroupLayout {
  readonly group: Rectangle;
  readonly cells: readonly Rectangle[];
}

/** Height of a group's name, in the units of the layout (which are about pixels). */
const NAME_HEIGHT = 26;
/** Of the whole, unless there are too many: less could not be seen or hit. */
const LEAST_CELL = 0.005;
const LEAST_GROUP = 0.05;

/** The map on an area of the given size. */
export function layOut(
  groups: readonly Group[],
  measure: Measure,
  width: number,
  height: number,
): readonly GroupLayout[] {
  const cellWeights = withFloor(
    groups.flatMap(({ cells }) => cells.map((cell) => (measure === "size" ? cell.sizeBytes : cell.count))),
    LEAST_CELL,
  );
  let next = 0;
  const weights = groups.map(({ cells }) => cellWeights.slice(next, (next += cells.length)));
  const groupWeights = withFloor(
    weights.map((own) => own.reduce((sum, weight) => sum + weight, 0)),
    LEAST_GROUP,
  );
  return squarify(groupWeights, { left: 0, top: 0, width, height }).map((group, index) => {
    const inner = { left: 0, top: 0, width: group.width, height: Math.max(group.height - NAME_HEIGHT, NAME_HEIGHT) };
    const own = weights[index]!;
    const cells = own.length === 0 ? [] : squarify(own, inner);
    return {
      group: percent(group, width, height),
      cells: cells.map((cell) => percent(cell, inner.width, inner.height)),
    };
  });
}

/** Weights of which none is too small; all the same when there is nothing to tell them apart. */
function withFloor(weights: readonly number[], least: number): readonly number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return weights.map(() => 1);
  const floor = total * Math.min(least, 0.5 / weights.length);
  return weights.map((weight) => Math.max(weight, floor));
}

function percent({ left, top, width, height }: Rectangle, ofWidth: number, ofHeight: number): Rectangle {
  const x = 100 / ofWidth;
  const y = 100 / ofHeight;
  return { left: left * x, top: top * y, width: width * x, height: height * y };
}
