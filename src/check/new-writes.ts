import type { Operation } from "../model/event.ts";
import type { PathRecord } from "../model/profile.ts";
import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import { isWithin, USES } from "../learn/fold/rules.ts";
import { denies } from "../strategy/denies.ts";
import { isMount, isRefused } from "../strategy/kinds.ts";
import { compareText } from "../strategy/paths.ts";
import { isSealed } from "../strategy/seal.ts";

/** Something that was written and that the committed strategy neither lets be written nor denies on purpose. */
export interface NewWrite {
  readonly path: string;
  /** Sorted. */
  readonly operations: readonly Operation[];
  /** Executables (path in the container), sorted. */
  readonly by: readonly string[];
  /** What learning anew makes of it; absent when it makes nothing of it. */
  readonly learned?: { readonly kind: StrategyEntry["kind"]; readonly path: string };
}

/** access(2) asks and does not write; what it leads to is told by itself. */
const NO_WRITES: ReadonlySet<Operation> = new Set([...USES, "access"]);

/** Writes to the root file system that `committed` does not know, sorted by path; `learned` is the strategy that the same run gives. */
export function newWrites(records: readonly PathRecord[], committed: Strategy, learned: Strategy): readonly NewWrite[] {
  const found: NewWrite[] = [];
  for (const record of records) {
    if (record.mount !== "/" || isWritable(committed, record.path)) continue;
    const operations = record.done.filter(
      (operation) => !NO_WRITES.has(operation) && !isDenied(committed, operation, record.path),
    );
    if (operations.length === 0) continue;
    const entry = nearestEntry(learned, record.path);
    found.push({
      path: record.path,
      operations,
      by: record.by,
      ...(entry === undefined ? {} : { learned: { kind: entry.kind, path: entry.path } }),
    });
  }
  return found.toSorted((a, b) => compareText(a.path, b.path));
}

/** Paths of entries of `committed` that let be written what nothing wrote in this run: they may be left over. */
export function unusedEntries(records: readonly PathRecord[], committed: Strategy): readonly string[] {
  const written = records.filter(({ done }) => done.some((operation) => !NO_WRITES.has(operation)));
  return committed.entries
    .filter((entry) => isMount(entry) && entry.kind !== "bind")
    .filter((entry) => !written.some(({ path }) => isWithin(path, entry.path)))
    .map(({ path }) => path);
}

function isWritable(strategy: Strategy, path: string): boolean {
  const mounted = nearestEntry({ ...strategy, entries: strategy.entries.filter(isMount) }, path);
  return mounted === undefined ? !isSealed(strategy, path) : !(mounted.kind === "bind" && mounted.readOnly);
}

function isDenied({ entries }: Strategy, operation: Operation, path: string): boolean {
  return entries.filter(isRefused).some((entry) => denies(entry, operation, path));
}

function nearestEntry({ entries }: Strategy, path: string): StrategyEntry | undefined {
  const above = entries.filter((entry) => isWithin(path, entry.path));
  return above.toSorted((a, b) => b.path.length - a.path.length)[0];
}
