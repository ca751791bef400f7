import { type FileTree, resolveInTree, type TreeEntry } from "../model/image.ts";
import type { PathRecord, Profile } from "../model/profile.ts";
import { missesStart } from "../model/unseen.ts";
import { childOf, compareText, isWithin, parentOf } from "./paths.ts";

/** What every step of the derivation looks things up in. */
export interface Ground {
  /** The image's content before the run. */
  readonly tree: FileTree;
  /** Sorted by path, whatever the profile's order. */
  readonly records: readonly PathRecord[];
  readonly recordAt: ReadonlyMap<string, PathRecord>;
  /** Both ends of every rename: a mount point can be neither. */
  readonly renamed: ReadonlySet<string>;
  /** Every name that something was moved or linked to. */
  readonly replaced: ReadonlySet<string>;
  /** Code that was run would be among the records: nothing was lost, by a sensor that sees it, from the start on. */
  readonly seesRuns: boolean;
}

export function survey(profile: Profile, tree: FileTree): Ground {
  const records = profile.records
    .map((record) => ({ ...record, path: resolveInTree(tree, record.path, false) }))
    .toSorted((a, b) => compareText(a.path, b.path));
  const replaced = new Set(records.flatMap((record) => record.movesTo));
  const renamed = new Set(replaced);
  for (const record of records) if (record.done.includes("rename")) renamed.add(record.path);
  const recordAt = new Map(records.map((record) => [record.path, record]));
  return { tree, records, recordAt, renamed, replaced, seesRuns: seesRuns(profile.header) };
}

function seesRuns({ sensor, incomplete, loss }: Profile["header"]): boolean {
  // What io_uring does runs no code, and byte totals tell nothing of it.
  const { ringFull, recursionMisses, unreadablePaths, compatCalls } = loss;
  const isLossless = ringFull + recursionMisses + unreadablePaths + compatCalls === 0;
  return (sensor === "bpf" || sensor === "strace") && isLossless && !missesStart(incomplete);
}

/** The image's directory at `path`; undefined when there is none. */
export function shippedDirectory(tree: FileTree, path: string): TreeEntry | undefined {
  const entry = tree.entry(path);
  if (entry?.type === "dir") return entry;
  return path === "/" ? ROOT : undefined;
}
const ROOT: TreeEntry = { type: "dir", mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 };

/** Bytes of the image's files below `directory`, without those on the `mounts` inside it: what a mount that starts with them holds. */
export function shippedBytes(tree: FileTree, directory: string, mounts: ReadonlySet<string>): number {
  return tree.children(directory).reduce((sum, name) => {
    const path = childOf(directory, name);
    const entry = tree.entry(path);
    if (entry === undefined || mounts.has(path)) return sum;
    return sum + (entry.type === "dir" ? shippedBytes(tree, path, mounts) : entry.sizeBytes);
  }, 0);
}

/** `path` without a symlink in it, as mount points must be written: engines do not follow `/var/run` the way programs do. */
export function mountable(tree: FileTree, path: string): string {
  return resolveInTree(tree, path, true);
}

/** The nearest directory at or above `path` that the image ships. */
export function anchorOf(tree: FileTree, path: string): string {
  let directory = path;
  while (shippedDirectory(tree, directory) === undefined) directory = parentOf(directory);
  return directory;
}

/** Whether every change at `path` is allowed under a read-only root anyway: the kernel's and the engine's own file systems. */
export function isAlwaysMounted(path: string): boolean {
  return ["/dev", "/proc", "/sys"].some((directory) => isWithin(path, directory));
}
