import { isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import { ownPair } from "../export/splice/edit.ts";
import type { YamlSource } from "../export/splice/source.ts";
import type { Location } from "../model/finding.ts";

/** Finds the place of a span of a text, from its offsets. */
export type Locator = (start: number, end?: number) => Location;

/** Finds places of a YAML text; `firstLine` is the line of the file on which the text begins. */
export type Placer = (path: readonly (string | number)[]) => Location;

/**
 * Says where a key stands. What came by a merge key or an alias is said to be where that is written; what is missing, at the
 * deepest part of the path that is there.
 */
export function placer({ text, root, document }: YamlSource, firstLine = 1): Placer {
  const locate = locatorOf(text, firstLine);
  return (path) => {
    let node: unknown = root;
    let at: unknown = root.items[0]?.key ?? root;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      if (typeof step === "number") {
        const item: unknown = isSeq(node) ? node.items[step] : undefined;
        if (item === undefined) break;
        node = item;
        at = isMap(item) ? (item.items[0]?.key ?? item) : item;
      } else {
        const pair = isMap(node) ? ownPair(node, step) : undefined;
        if (pair === undefined) break;
        at = pair.key;
        node = pair.value;
      }
    }
    const range = isNode(at) ? at.range : undefined;
    return locate(range?.[0] ?? 0, isScalar(at) ? range?.[1] : undefined);
  };
}

/** The place of a span of a text. */
export function locationIn(text: string, start: number, end?: number): Location {
  return locatorOf(text)(start, end);
}

/** Looks for the lines of the text once, for many places. */
export function locatorOf(text: string, firstLine = 1): Locator {
  let starts: readonly number[] | undefined;
  return (start, end) => locationOf((starts ??= lineStarts(text)), text, start, end, firstLine);
}

function locationOf(
  starts: readonly number[],
  text: string,
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
  const lineEnd = text.indexOf("\n", start);
  const location = { line: low + firstLine, column: start - lineStart + 1 };
  const last = end === undefined ? undefined : Math.min(end, lineEnd < 0 ? text.length : lineEnd);
  return last === undefined || last <= start ? location : { ...location, endColumn: last - lineStart + 1 };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
