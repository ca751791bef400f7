import type { ScratchEntry, StrategyEntry, TmpfsEntry } from "../model/strategy.ts";
import { formatSize } from "../model/units.ts";
import { type Ground, shippedDirectory } from "./ground.ts";
import { compareText } from "./paths.ts";
import { classify } from "./rules/classes.ts";
import { MEMORY } from "./rules/memory.ts";

/**
 * `chosen` with scratch instead of tmpfs for what is too large for memory: each place above the bound for one, then the largest
 * ones until all that is in memory, with what the user gave, fits into its share of the memory limit. Only caches and temporary files go.
 */
export function moveToDisk(
  ground: Ground,
  given: readonly StrategyEntry[],
  chosen: readonly StrategyEntry[],
  memoryBytes: number | undefined,
): readonly StrategyEntry[] {
  const inMemory = [...given, ...chosen].filter((entry) => entry.kind === "tmpfs");
  const limit = memoryBytes === undefined ? Infinity : memoryBytes * MEMORY.share.of;
  const moved = new Map<StrategyEntry, ScratchEntry>();
  let sumBytes = inMemory.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  for (const entry of chosen.filter((one) => one.kind === "tmpfs").toSorted(bySize)) {
    const isLarge = entry.sizeBytes > MEMORY.placeBytes;
    if (!mayMove(ground, entry) || !(isLarge || sumBytes > limit)) continue;
    const because =
      isLarge || memoryBytes === undefined
        ? `${formatSize(entry.sizeBytes)} is much for memory`
        : `all that lies in memory should fit into ${MEMORY.share.name} of the limit of ${formatSize(memoryBytes)}`;
    moved.set(entry, { ...entry, kind: "scratch", why: `${entry.why.slice(0, -1)}; on disk, because ${because}.` });
    sumBytes -= entry.sizeBytes;
  }
  return chosen.map((entry) => moved.get(entry) ?? entry);
}

function bySize(a: TmpfsEntry, b: TmpfsEntry): number {
  return b.sizeBytes - a.sizeBytes || compareText(a.path, b.path);
}

/** Engines give what lies on disk the owner and mode of the image's directory, and root's where the image has none (adr/0009). */
function mayMove({ tree }: Ground, { path, uid, gid, mode }: TmpfsEntry): boolean {
  const isOwned = shippedDirectory(tree, path) !== undefined || (uid === 0 && gid === 0 && mode === 0o755);
  return isOwned && classify(path)?.class.mayLieOnDisk === true;
}
