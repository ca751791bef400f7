import type { LayerChange } from "../../model/change.ts";
import type { Operation } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import type { PathRecord } from "../../model/profile.ts";
import type { MountEntry, Strategy, StrategyEntry } from "../../model/strategy.ts";
import { isMount } from "../../strategy/kinds.ts";
import { changesOf } from "../../strategy/needs.ts";
import { isBelow, nearest, parentOf } from "../../strategy/paths.ts";

/** What mounts of a strategy have to do with what could be baked. */
export interface MountFates {
  /** The mount that a path lies on, and that stays; undefined when there is none. */
  stays(path: string): MountEntry | undefined;
  /** Of a mount that stays: the first path that still needs it. */
  neededBy(entry: MountEntry): string | undefined;
}

interface FateInput {
  readonly strategy: Strategy;
  readonly records: readonly PathRecord[];
  readonly tree: FileTree;
  /** Of the first fresh start. */
  readonly layer: ReadonlyMap<string, LayerChange>;
  /** What could be baked. */
  readonly paths: ReadonlySet<string>;
}

/** A mount goes when all that is done on it leaves what would be in the image already. */
export function mountFates(input: FateInput): MountFates {
  const { strategy, records } = input;
  const entries = new Map(writableMounts(strategy).map((entry) => [entry.path, entry]));
  const given = new Set(strategy.workload.mounts.map(({ target }) => target));
  const needs = new Map<string, string>();
  const staying = new Set([...entries.values()].filter(({ kind, path }) => keepsData(kind) || given.has(path)));
  // What stays takes its paths out of what can be baked, and another mount may have counted on them.
  for (let before = -1; before !== staying.size;) {
    before = staying.size;
    const paths = new Set(
      [...input.paths].filter((path) => {
        const entry = nearest(path, entries);
        return entry === undefined || !staying.has(entry);
      }),
    );
    for (const record of records) {
      const entry = nearest(record.path, entries);
      if (entry === undefined || staying.has(entry) || isSettled(record, { ...input, paths })) continue;
      staying.add(entry);
      needs.set(entry.path, record.path);
    }
    for (const entry of entries.values())
      if (!staying.has(entry) && ![...paths].some((path) => nearest(path, entries) === entry)) staying.add(entry);
  }
  return {
    stays: (path) => {
      const entry = nearest(path, entries);
      return entry !== undefined && staying.has(entry) ? entry : undefined;
    },
    neededBy: ({ path }) => needs.get(path),
  };
}

export function writableMounts({ entries }: Strategy): readonly MountEntry[] {
  return entries.filter(isMount).filter((entry) => !(entry.kind === "bind" && entry.readOnly));
}

function keepsData(kind: StrategyEntry["kind"]): boolean {
  return kind === "volume" || kind === "bind";
}

const OWNERSHIP: ReadonlySet<Operation> = new Set(["chmod", "chown", "utimes"]);

/** Whether nothing is lost when all that a record did is denied. */
export function isSettled(
  record: PathRecord,
  { paths, tree, layer }: Pick<FateInput, "paths" | "tree"> & { readonly layer: ReadonlyMap<string, unknown> },
): boolean {
  const changes = changesOf(record);
  if (changes.length === 0 || paths.has(record.path)) return true;
  // A new version that is made under another name, and renamed.
  if (record.movesTo.length > 0 && record.movesTo.every((path) => paths.has(path))) return true;
  // The owner or mode that the image gives it already.
  return (
    changes.every((operation) => OWNERSHIP.has(operation)) &&
    tree.entry(record.path) !== undefined &&
    !layer.has(record.path)
  );
}

/**
 * Directories that, if only the image had them, would let a volume lie on them instead of on the directory above: a new volume has
 * the owner of the image's directory, and root where the image has none.
 */
export function narrower(
  volume: MountEntry,
  { records, strategy, tree }: Pick<FateInput, "records" | "strategy" | "tree">,
  directories: readonly string[],
): readonly string[] {
  if (volume.kind !== "volume" || volume.reason === "declared" || volume.reason === "given") return [];
  const below = directories.filter((path) => isBelow(path, volume.path) && tree.entry(parentOf(path))?.type === "dir");
  const entries = new Map(writableMounts(strategy).map((entry) => [entry.path, entry]));
  const written = records.filter((record) => changesOf(record).length > 0 && nearest(record.path, entries) === volume);
  const isInside = ({ path }: PathRecord): boolean =>
    below.some((directory) => path === directory || isBelow(path, directory));
  return written.every(isInside) ? below : [];
}
