import type { LayerChange } from "../../model/change.ts";
import type { FileTree } from "../../model/image.ts";
import type { PathRecord } from "../../model/profile.ts";
import type { MountEntry, Strategy } from "../../model/strategy.ts";
import { changesOf } from "../../strategy/needs.ts";
import { ancestors, compareText } from "../../strategy/paths.ts";
import { compareStarts } from "./compare.ts";
import { logLinks } from "./logs.ts";
import { type MountFates, mountFates, narrower, writableMounts } from "./mounts.ts";
import { unsafeText } from "../../model/plain-name.ts";
import {
  type BakeItem,
  type BakePlan,
  type DirectoryItem,
  type FreshStart,
  LEFT_OUT_KINDS,
  type LeftOut,
  type Mark,
  type Refusal,
} from "./types.ts";

export interface PlanInput {
  /** Two or more; the first is the one that the profile tells of. */
  readonly starts: readonly FreshStart[];
  /** The first one's layer after the test. */
  readonly tested?: readonly LayerChange[] | undefined;
  /** Of the host, and of what the run was given. */
  readonly marks: readonly Mark[];
  /** What was learned on the image as it is. */
  readonly strategy: Strategy;
  readonly records: readonly PathRecord[];
  /** The image's content. */
  readonly tree: FileTree;
  /** Each operation was seen: without that nobody knows that a file is never renamed or read. */
  readonly seesOperations: boolean;
  /** The image has what a RUN needs. */
  readonly canRun: boolean;
}

/**
 * What of an image's fresh starts belongs into the image, so that it needs fewer writable mounts, and what does not. The same
 * observations give the same plan, whatever their order.
 */
export function planBake(input: PlanInput): BakePlan {
  const { starts, tested, strategy, records, tree } = input;
  const marks = [...input.marks, ...starts.flatMap((start) => start.marks)];
  const hasForeignMounts = strategy.workload.mounts.some(
    ({ type, readOnly }) => type === "bind" || (type === "volume" && readOnly),
  );
  const { same, leftOut } = compareStarts(starts, tested, { marks, hasForeignMounts });
  const up = starts[0]?.changes ?? [];
  const streams = starts.map((start) => start.streams);
  const logs = input.seesOperations ? logLinks({ records, up, tested, streams }) : [];
  const candidates = new Map<string, BakeItem>();
  const impossible: LeftOut[] = [];
  const written = new Set(
    records.filter((record) => changesOf(record).length > 0).flatMap(({ path, movesTo }) => [path, ...movesTo]),
  );
  for (const [path, change] of same) {
    // Podman writes the user of a run into /etc/passwd.
    const item = written.has(path) ? itemOf(change, input) : NOBODYS;
    if ("what" in item) candidates.set(path, item);
    else impossible.push({ path, ...item });
  }
  for (const log of logs) candidates.set(log.path, log);
  const fates = mountFates({
    strategy,
    records,
    tree,
    layer: new Map(up.map((change) => [change.path, change])),
    paths: new Set(candidates.keys()),
  });
  const kept = [...candidates.values()].filter(({ path }) => fates.stays(path) === undefined);
  const items = withParents([...kept, ...directoriesFor(input, candidates, fates)], candidates, tree);
  const baked = new Set(items.map(({ path }) => path));
  const useless = [...candidates.values()].filter(({ path }) => !baked.has(path));
  return {
    items: items.toSorted((a, b) => compareText(a.path, b.path)),
    leftOut: [
      ...[...leftOut, ...impossible].filter(({ path }) => !candidates.has(path)),
      ...useless.map(({ path }) => ({ path, ...whyUseless(fates, path) })),
    ].toSorted(byKind),
  };
}

const NOBODYS: Refusal = { kind: "unseen", reason: "no process was seen to write it: the engine may have" };

function itemOf({ path, kind, entry, content }: LayerChange, input: PlanInput): BakeItem | Refusal {
  const shipped = input.tree.entry(path);
  const exists = kind === "changed";
  if (entry === undefined || (exists && shipped?.type !== entry.type && shipped?.type !== "file"))
    return { kind: "unsafe", reason: "it takes the place of something of another type" };
  const { type, uid, gid, mode, linkTarget = "" } = entry;
  if (type === "symlink") return { what: "link", path, target: linkTarget, why: "every fresh start makes this link" };
  if (type === "dir") {
    if (exists && shipped?.type !== "dir")
      return { kind: "unsafe", reason: "it takes the place of something of another type" };
    const why = exists ? "every fresh start gives it this owner and mode" : "every fresh start makes this directory";
    return possible({ what: "directory", path, uid, gid, mode, exists, why }, input.canRun);
  }
  if (!(content instanceof Uint8Array)) return { kind: "unsafe", reason: "its content could not be read" };
  const why = `every fresh start writes the same ${content.length} bytes`;
  return { what: "file", path, uid, gid, mode, content, why };
}

const SPECIAL_BITS = 0o7000;

/** A COPY neither changes a directory that is there nor sets more than its permissions in every builder. */
function possible(item: DirectoryItem, canRun: boolean): DirectoryItem | Refusal {
  return canRun || !(item.exists || (item.mode & SPECIAL_BITS) !== 0)
    ? item
    : { kind: "unsafe", reason: "this owner or mode takes a RUN, and the image has no shell" };
}

/** Directories without which a mount that stays would be wider, or its mount point missing. */
function directoriesFor(
  input: PlanInput,
  candidates: ReadonlyMap<string, BakeItem>,
  fates: MountFates,
): readonly BakeItem[] {
  const { strategy, tree } = input;
  const made = [...candidates.values()].filter((item) => item.what === "directory" && !item.exists);
  const given = new Set(strategy.workload.mounts.map(({ target }) => target));
  return writableMounts(strategy)
    .filter((entry) => fates.stays(entry.path) === entry && !given.has(entry.path))
    .flatMap((entry): readonly BakeItem[] => {
      if (tree.entry(entry.path) === undefined) return mountPoint(entry, input.canRun);
      const below = narrower(entry, input, made.map(({ path }) => path)); // prettier-ignore
      return made.filter(({ path }) => below.includes(path));
    });
}

function mountPoint(entry: MountEntry, canRun: boolean): readonly DirectoryItem[] {
  if (entry.kind === "bind" || (entry.kind === "volume" && entry.reason === "declared")) return [];
  const { path, uid, gid, mode } = entry;
  if (unsafeText(path) !== undefined) return [];
  const why = "it is a mount point that the image lacks";
  const item = possible({ what: "directory", path, uid, gid, mode, exists: false, why }, canRun);
  return "what" in item ? [item] : [];
}

/** Every directory on the way that the image lacks, as the fresh starts made it. */
function withParents(
  items: readonly BakeItem[],
  candidates: ReadonlyMap<string, BakeItem>,
  tree: FileTree,
): readonly BakeItem[] {
  const all = new Map(items.map((item) => [item.path, item]));
  for (const { path } of items)
    for (const parent of ancestors(path)) {
      if (all.has(parent) || tree.entry(parent) !== undefined) continue;
      const made = candidates.get(parent);
      const plain = { uid: 0, gid: 0, mode: 0o755, exists: false, why: `it is on the way to ${path}` };
      all.set(parent, made?.what === "directory" ? made : { what: "directory", path: parent, ...plain });
    }
  return [...all.values()];
}

function whyUseless(fates: MountFates, path: string): Omit<LeftOut, "path"> {
  const entry = fates.stays(path);
  if (entry?.kind === "volume" || entry?.kind === "bind")
    return { kind: "data", reason: `it is data: ${entry.path} is a ${entry.kind} of the strategy` };
  const needed = entry === undefined ? undefined : fates.neededBy(entry);
  const because = needed === undefined ? "" : `, because ${needed} is written there`;
  return { kind: "mounted", reason: `the mount on ${entry?.path ?? path} stays and would hide it${because}` };
}

function byKind(a: LeftOut, b: LeftOut): number {
  return LEFT_OUT_KINDS.indexOf(a.kind) - LEFT_OUT_KINDS.indexOf(b.kind) || compareText(a.path, b.path);
}
