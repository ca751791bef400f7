import type { Location } from "../model/finding.ts";

/** Finds the place of a span of a text, from its offsets. */
export type Locator = (start: number, end?: number) => Location;

/** The place of a span of a text. */
export function locationIn(text: string, start: number, end?: number): Location {
  return locatorOf(text)(start, end);
}

/** Looks for the lines of the text once, for many places. */
export function locatorOf(text: string, firstLine = 1): Locator {
  let starts: readonly number[] | undefined;
  return (start, end) => locationOf((starts ??= lineStarts(text)), text.length, start, end, firstLine);
}

function locationOf(
  starts: readonly number[],
  sizeCharacters: number,
  start: number,
  end: number | undefined,
  firstLine: number,
): Location {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  const lineStart = starts[low] ?? 0;
  const next = starts[low + 1];
  const location = { line: low + firstLine, column: start - lineStart + 1 };
  const last = end === undefined ? undefined : Math.min(end, next === undefined ? sizeCharacters : next - 1);
  return last === undefined || last <= start ? location : { ...location, endColumn: last - lineStart + 1 };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
