import type { DenyEntry } from "../model/strategy.ts";
import { changesOf, type Refusal } from "./needs.ts";
import { compareText, isBelow, parentOf } from "./paths.ts";
import { DENIED_TO_FOLD } from "./rules/limits.ts";
import { whoWrites } from "./why.ts";

/** One entry for each path that is denied; many names of one directory become one pattern. */
export function denyEntries(refusals: readonly Refusal[]): readonly DenyEntry[] {
  const byReason = Map.groupBy(refusals, (refusal) => refusal.reason);
  return [...byReason.values()].flatMap(fold);
}

function fold(group: readonly Refusal[]): readonly DenyEntry[] {
  const byDirectory = Map.groupBy(withoutCovered(group), (refusal) => parentOf(refusal.path));
  return [...byDirectory].flatMap(([directory, refusals]) => {
    const byPath = Map.groupBy(refusals, (refusal) => refusal.path);
    if (byPath.size < DENIED_TO_FOLD) return [...byPath].map(([path, same]) => denyEntry(path, same));
    return [denyEntry(directory === "/" ? "/*" : `${directory}/*`, refusals)];
  });
}

/** A refused mkdir refuses all below: the directory never comes to be. */
function withoutCovered(group: readonly Refusal[]): readonly Refusal[] {
  const roots = group
    .filter(({ record, path }) => record.path === path && record.done.includes("mkdir"))
    .map(({ path }) => path);
  const isCovered = (path: string): boolean => roots.some((root) => isBelow(path, root));
  return group.filter(({ path }) => !isCovered(path));
}

function denyEntry(path: string, refusals: readonly Refusal[]): DenyEntry {
  const records = refusals.map(({ record }) => record);
  const operations = new Set(records.flatMap((record) => changesOf(record)));
  return {
    kind: "deny",
    path,
    operations: [...operations].toSorted(compareText),
    why: `${whoWrites(records)} this: ${refusals[0]?.reason ?? ""}.`,
  };
}
