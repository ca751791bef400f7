import type { RefusedEntry } from "../model/strategy.ts";
import type { Ground } from "./ground.ts";
import { fixOf } from "./image-fix.ts";
import { changesOf, type Refusal } from "./needs.ts";
import { childOf, compareText, isBelow, parentOf } from "./paths.ts";
import { DENIED_TO_FOLD } from "./rules/limits.ts";
import { whoWrites } from "./why.ts";

/** One entry for each path that stays refused; many names of one directory become one pattern. `name` is the workload's. */
export function refusedEntries(ground: Ground, name: string, refusals: readonly Refusal[]): readonly RefusedEntry[] {
  const byReason = Map.groupBy(refusals, ({ kind, reason }) => `${kind} ${reason}`);
  return oneEach([...byReason.values()].flatMap((group) => fold(ground, name, group)));
}

function fold(ground: Ground, name: string, group: readonly Refusal[]): readonly RefusedEntry[] {
  const entry = (path: string, refusals: readonly Refusal[]): RefusedEntry =>
    refusedEntry(ground, name, path, refusals);
  const byDirectory = Map.groupBy(withoutCovered(group), (refusal) => parentOf(refusal.path));
  return [...byDirectory].flatMap(([directory, refusals]) => {
    const byPath = Map.groupBy(refusals, (refusal) => refusal.path);
    if (byPath.size < DENIED_TO_FOLD) return [...byPath].map(([path, same]) => entry(path, same));
    return [entry(childOf(directory, "*"), refusals)];
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

function refusedEntry(ground: Ground, name: string, path: string, refusals: readonly Refusal[]): RefusedEntry {
  const records = refusals.map(({ record }) => record);
  const operations = [...new Set(records.flatMap((record) => changesOf(record)))].toSorted(compareText);
  const why = `${whoWrites(records)} this: ${refusals[0]?.reason ?? ""}.`;
  return refusals[0]?.kind === "image"
    ? { kind: "image", path, operations, fix: fixOf(ground, name, path, records), why }
    : { kind: "deny", path, operations, why };
}

/** What differs only in its reason can fold into one pattern: what must change in the image says more than what does no harm. */
function oneEach(entries: readonly RefusedEntry[]): readonly RefusedEntry[] {
  const byPath = Map.groupBy(entries, ({ path }) => path);
  return [...byPath.values()].map((same) => {
    const first = (same.find(({ kind }) => kind === "image") ?? same[0]) as RefusedEntry;
    const operations = [...new Set(same.flatMap((entry) => entry.operations))].toSorted(compareText);
    return { ...first, operations };
  });
}
