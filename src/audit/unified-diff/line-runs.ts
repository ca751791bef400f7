/** Lines of the old text, and those that stand in their place; each end is exclusive. */
export interface Run {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

// Memory grows with its square; what differs more is shown as replaced from there on.
const MOST_DIFFERENCES = 2_000;

/**
 * What must be done to the old lines so that they become the new ones, in their order: the fewest lines added and removed
 * (E. W. Myers, An O(ND) Difference Algorithm, 1986).
 */
export function commonEdits(old: readonly string[], changed: readonly string[]): readonly Run[] {
  let start = 0;
  while (start < old.length && start < changed.length && old[start] === changed[start]) start++;
  let [oldEnd, newEnd] = [old.length, changed.length];
  while (oldEnd > start && newEnd > start && old[oldEnd - 1] === changed[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  const kept = keptLines(old.slice(start, oldEnd), changed.slice(start, newEnd));
  const runs: Run[] = [];
  let [oldAt, newAt] = [start, start];
  for (const [oldIndex, newIndex] of [...kept, [oldEnd - start, newEnd - start] as const]) {
    const run = { oldStart: oldAt, oldEnd: start + oldIndex, newStart: newAt, newEnd: start + newIndex };
    if (run.oldEnd > run.oldStart || run.newEnd > run.newStart) runs.push(run);
    [oldAt, newAt] = [run.oldEnd + 1, run.newEnd + 1];
  }
  return runs;
}

/** Pairs of lines that stay, by their numbers in both. */
function keptLines(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const most = Math.min(a.length + b.length, MOST_DIFFERENCES);
  const furthest = new Map<number, number>([[1, 0]]);
  const trace: ReadonlyMap<number, number>[] = [];
  for (let distance = 0; distance <= most; distance++) {
    trace.push(new Map(furthest));
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = isDown(furthest, diagonal, distance)
        ? (furthest.get(diagonal + 1) ?? 0)
        : (furthest.get(diagonal - 1) ?? 0) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      furthest.set(diagonal, x);
      if (x >= a.length && x - diagonal >= b.length) return walkBack(trace, a.length, b.length);
    }
  }
  return [];
}

function isDown(furthest: ReadonlyMap<number, number>, diagonal: number, distance: number): boolean {
  const [left, right] = [furthest.get(diagonal - 1) ?? -1, furthest.get(diagonal + 1) ?? -1];
  return diagonal === -distance || (diagonal !== distance && left < right);
}

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  endA: number,
  endB: number,
): readonly (readonly [number, number])[] {
  const kept: (readonly [number, number])[] = [];
  let [x, y] = [endA, endB];
  for (let distance = trace.length - 1; distance >= 0; distance--) {
    const furthest = trace[distance]!;
    const diagonal = x - y;
    const down = isDown(furthest, diagonal, distance);
    const from = down ? diagonal + 1 : diagonal - 1;
    const fromX = furthest.get(from) ?? 0;
    const start = down || distance === 0 ? fromX : fromX + 1;
    while (x > start) kept.push([--x, --y]);
    [x, y] = [fromX, fromX - from];
  }
  return kept.toReversed();
}
