import type { PathRecord } from "../../model/profile.ts";
import type { DenyEntry, Strategy } from "../../model/strategy.ts";
import { isRefused } from "../../strategy/kinds.ts";
import { changesOf } from "../../strategy/needs.ts";
import { compareText, isBelow } from "../../strategy/paths.ts";
import { writableMounts } from "./mounts.ts";
import type { BakeItem } from "./types.ts";

export interface SortedWrites {
  /** What a strategy must still let happen. */
  readonly needed: readonly PathRecord[];
  /** What writes again what is in the image by now: denied, and harmless. */
  readonly denied: readonly DenyEntry[];
}

/** Sorts what a baked image still writes when it may: what is in the image by now needs no leave to be written. */
export function settledWrites(records: readonly PathRecord[], items: readonly BakeItem[]): SortedWrites {
  const paths = new Set(items.map(({ path }) => path));
  const isSettled = (record: PathRecord): boolean => changesOf(record).length > 0 && writesBaked(record, paths);
  return {
    needed: records.filter((record) => !isSettled(record)),
    denied: records.filter(isSettled).map((record) => ({
      kind: "deny",
      path: record.path,
      operations: changesOf(record).toSorted(compareText),
      why: `${writersOf(record)} writes again what the image has: it was baked into it.`,
    })),
  };
}

function writesBaked({ path, movesTo, done }: PathRecord, paths: ReadonlySet<string>): boolean {
  // To deny a mkdir is to deny everything below.
  if (done.includes("mkdir")) return false;
  return paths.has(path) || (movesTo.length > 0 && movesTo.every((target) => paths.has(target)));
}

function writersOf({ by }: PathRecord): string {
  return by.map((exe) => exe.slice(exe.lastIndexOf("/") + 1)).join(", ") || "The workload";
}

/** Writable mounts, paths that are written on them, and places where writing is denied. */
export interface Surface {
  readonly writableMounts: number;
  readonly writablePaths: number;
  readonly deniedWrites: number;
}

export function surfaceOf(strategy: Strategy, records: readonly PathRecord[]): Surface {
  const mounts = writableMounts(strategy);
  const isOnMount = ({ path }: PathRecord): boolean =>
    mounts.some((mount) => path === mount.path || isBelow(path, mount.path));
  return {
    writableMounts: mounts.length,
    writablePaths: records.filter((record) => changesOf(record).length > 0 && isOnMount(record)).length,
    deniedWrites: strategy.entries.filter(isRefused).length,
  };
}

/** Whether the second strategy needs fewer mounts than the first, or as many, and some of them on less. */
export function needsLess(before: Strategy, after: Strategy): boolean {
  const [old, now] = [writableMounts(before), writableMounts(after)];
  if (now.length !== old.length) return now.length < old.length;
  const isCovered = (path: string): boolean => old.some((mount) => path === mount.path || isBelow(path, mount.path));
  return now.every(({ path }) => isCovered(path)) && now.some(({ path }) => !old.some((mount) => mount.path === path));
}
