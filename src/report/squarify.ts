/** A rectangle in units of its surroundings. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a rectangle among weights: areas are in proportion to them, nothing overlaps or is left over, and each is as near to a
 * square as its row allows. The result has the order of the weights, which must be positive. (Bruls, Huizing, van Wijk: Squarified
 * Treemaps, 2000; here without the recursion.)
 */
export function squarify(weights: readonly number[], within: Rectangle): readonly Rectangle[] {
  const scale = (within.width * within.height) / weights.reduce((sum, weight) => sum + weight, 0);
  const left = weights.map((weight, index) => ({ index, area: weight * scale })).toSorted((a, b) => b.area - a.area);
  const found: Rectangle[] = [];
  let free = within;
  for (let from = 0; from < left.length;) {
    const side = Math.min(free.width, free.height);
    let to = from + 1;
    let area = left[from]!.area;
    // Largest first: the row is as good as its worst cell, and that is the first or the last.
    for (let best = worst(left[from]!.area, left[from]!.area, area, side); to < left.length; to++) {
      const next = worst(left[from]!.area, left[to]!.area, area + left[to]!.area, side);
      if (next > best) break;
      best = next;
      area += left[to]!.area;
    }
    free = layRow(left.slice(from, to), area, free, found);
    from = to;
  }
  return found;
}

/** The worst proportion in a row along `side` whose largest and smallest cells have these areas. */
function worst(largest: number, smallest: number, rowArea: number, side: number): number {
  return Math.max((side ** 2 * largest) / rowArea ** 2, rowArea ** 2 / (side ** 2 * smallest));
}

/** Lays a row along the shorter side of what is free; returns what then is still free. */
function layRow(
  row: readonly { readonly index: number; readonly area: number }[],
  rowArea: number,
  free: Rectangle,
  found: Rectangle[],
): Rectangle {
  const { left, top, width, height } = free;
  const upright = width >= height;
  const depth = rowArea / (upright ? height : width);
  let along = 0;
  for (const { index, area } of row) {
    const length = area / depth;
    found[index] = upright
      ? { left, top: top + along, width: depth, height: length }
      : { left: left + along, top, width: length, height: depth };
    along += length;
  }
  return upright
    ? { left: left + depth, top, width: width - depth, height }
    : { left, top: top + depth, width, height: height - depth };
}
