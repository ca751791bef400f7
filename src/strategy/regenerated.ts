import type { LayerChange } from "../model/change.ts";
import type { PathRecord } from "../model/profile.ts";
import { isAlike } from "./alike.ts";
import { type DeriveInput, deriveStrategy } from "./derive.ts";
import { ancestors } from "./paths.ts";
import { isPassing } from "./rules/classes.ts";

export interface Starts {
  readonly records: readonly PathRecord[];
  /** Paths of records that the first run made and no later one touched but to read them. */
  readonly madeOnce: ReadonlySet<string>;
  /** The layer of the container that was tested and restarted. */
  readonly used: readonly LayerChange[];
  /** That of one that was only started. */
  readonly fresh: readonly LayerChange[];
}

/**
 * The paths of the records that a fresh start makes again, alike, so that nothing of the use is in them. What the application made
 * straight in a directory of the image is judged as a whole: one file in it that differs, was touched, is missing or is one too many
 * speaks against all.
 */
export function regeneratedPaths({ records, madeOnce, used, fresh }: Starts): ReadonlySet<string> {
  const [usedAt, freshAt] = [byPath(used), byPath(fresh)];
  const made = (path: string): string | undefined => topmostAdded(usedAt, path) ?? topmostAdded(freshAt, path);
  const written = Map.groupBy(
    records.filter(({ mount }) => mount === "/"),
    ({ path }) => made(path),
  );
  const differing = new Set<string | undefined>();
  for (const path of new Set([...usedAt.keys(), ...freshAt.keys()])) {
    const [one, other] = [usedAt.get(path), freshAt.get(path)];
    const isSame = one !== undefined && other !== undefined && isAlike(one, other) && isOneName(path);
    if (!isLeftBehind(one ?? other) && !isSame) differing.add(made(path));
  }
  const found = [...written].flatMap(([whole, inside]) => {
    const isWhole = inside.every(({ path, survived }) => madeOnce.has(path) || !survived);
    return whole === undefined || !isWhole || differing.has(whole) ? [] : inside;
  });
  return new Set(found.map(({ path }) => path).filter((path) => madeOnce.has(path)));
}

/** Whether a fresh start could change the strategy: whether another one followed if it made all again that was made only once. */
export function couldDecide(input: DeriveInput, madeOnce: ReadonlySet<string>): boolean {
  const records = withRegenerated(input.profile.records, madeOnce);
  return entriesOf(input) !== entriesOf({ ...input, profile: { ...input.profile, records } });
}

/** The records with those at `paths` marked. */
export function withRegenerated(records: readonly PathRecord[], paths: ReadonlySet<string>): readonly PathRecord[] {
  return records.map((record) => (paths.has(record.path) ? { ...record, regenerated: true } : record));
}

function entriesOf(input: DeriveInput): string {
  return JSON.stringify(deriveStrategy(input).entries.map(({ why: _why, ...entry }) => entry));
}

function byPath(changes: readonly LayerChange[]): ReadonlyMap<string, LayerChange> {
  return new Map(changes.map((change) => [change.path, change]));
}

/** Of the path and the directories above it the one next to the root that the image does not have. */
function topmostAdded(layer: ReadonlyMap<string, LayerChange>, path: string): string | undefined {
  return [path, ...ancestors(path)].findLast((place) => layer.get(place)?.kind === "added");
}

/** What a decoder puts in place of bytes that are no text is the same for many names. */
function isOneName(path: string): boolean {
  return !path.includes("\uFFFD");
}

/** One container has ended, the other runs: sockets and pid files of it tell nothing. */
function isLeftBehind(change: LayerChange | undefined): boolean {
  const type = change?.entry?.type;
  return change !== undefined && type !== undefined && type !== "dir" && isPassing(change.path, type);
}
