import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { isWithin } from "./paths.ts";

/** What of its root a container under the strategy finds read-only, in the fields that engines take. */
export function sealOf({ readOnlyPaths }: Pick<Strategy, "readOnlyPaths">): {
  readonly readOnlyRoot: boolean;
  readonly readOnlyPaths?: readonly string[];
} {
  return readOnlyPaths === undefined ? { readOnlyRoot: true } : { readOnlyRoot: false, readOnlyPaths };
}

/** Whether `path` is read-only under the strategy, as far as no mount decides there. */
export function isSealed({ readOnlyPaths }: Pick<Strategy, "readOnlyPaths">, path: string): boolean {
  return readOnlyPaths === undefined || readOnlyPaths.some((sealed) => isWithin(path, sealed));
}

/** The mount that `path` lies in, which alone decides whether it can be written; undefined when there is none. */
export function mountAround(
  path: string,
  entries: readonly Pick<StrategyEntry, "kind" | "path">[],
): string | undefined {
  return entries.find((entry) => entry.kind !== "deny" && entry.kind !== "image" && isWithin(path, entry.path))?.path;
}
