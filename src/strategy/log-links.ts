import { basename } from "node:path/posix";
import { unsafeText } from "../model/plain-name.ts";
import type { LogEntry, SeededEntry, Strategy, StrategyEntry, TmpfsEntry } from "../model/strategy.ts";
import { type Ground, shippedBytes, shippedDirectory } from "./ground.ts";
import { isMount } from "./kinds.ts";
import { compareText, isBelow, isWithin, nearest, parentOf } from "./paths.ts";
import { holdsCodeBelow } from "./rules/code.ts";
import { isAppendedLog } from "./rules/logs.ts";
import { listed } from "./why.ts";

/**
 * The entries and those of the logs that can be links, in mounts that are forgotten with the container: these become seeded, and
 * start with the links. What the user gave, at the paths `given`, stays as it is.
 */
export function withLogs(
  ground: Ground,
  entries: readonly StrategyEntry[],
  logs: readonly LogEntry[],
  given: ReadonlySet<string>,
): Pick<Strategy, "entries" | "logs"> {
  const kept = logs.filter(({ path }) => canBeLink(ground, mountOf(entries, path), path, given));
  if (kept.length === 0) return { entries };
  const byMount = Map.groupBy(kept, ({ path }) => mountOf(entries, path));
  return {
    entries: entries.map((entry) => {
      const inside = byMount.get(entry);
      return inside === undefined || entry.kind !== "tmpfs" ? entry : seededWith(ground, entries, entry, inside);
    }),
    logs: kept.toSorted((a, b) => compareText(a.path, b.path)),
  };
}

export interface LogLink {
  readonly path: string;
  /** `/dev/stdout` or `/dev/stderr`. */
  readonly target: string;
  /** The seeded mount that starts with it. */
  readonly mount: string;
}

/**
 * The links that the strategy's mounts start with, without those for which it has no such mount, and those in a mount that somebody
 * put in its place: `others` are the targets of such mounts, which are nobody's to write to.
 */
export function logLinks(
  { entries, logs = [] }: Pick<Strategy, "entries" | "logs">,
  others: Iterable<string> = [],
): readonly LogLink[] {
  const targets = [...others];
  return logs.flatMap(({ path, stream }) => {
    const mount = mountOf(entries, path);
    if (mount?.kind !== "seeded") return [];
    const isReplaced = targets.some((target) => isWithin(path, target) && isWithin(target, mount.path));
    return isReplaced ? [] : [{ path, target: `/dev/${stream}`, mount: mount.path }];
  });
}

function mountOf(entries: readonly StrategyEntry[], path: string): StrategyEntry | undefined {
  return nearest(parentOf(path), new Map(entries.filter(isMount).map((entry) => [entry.path, entry])));
}

/** A link needs its directory, and hides what the image has in the file. Exports write its name into Dockerfiles and scripts. */
function canBeLink(
  ground: Ground,
  mount: StrategyEntry | undefined,
  path: string,
  given: ReadonlySet<string>,
): boolean {
  const record = ground.recordAt.get(path);
  return (
    record !== undefined &&
    isAppendedLog(record) &&
    unsafeText(path) === undefined &&
    !ground.replaced.has(path) &&
    (mount?.kind === "tmpfs" || mount?.kind === "seeded") &&
    !given.has(mount.path) &&
    shippedDirectory(ground.tree, parentOf(path)) !== undefined &&
    (ground.tree.entry(path)?.sizeBytes ?? 0) === 0
  );
}

function seededWith(
  ground: Ground,
  entries: readonly StrategyEntry[],
  entry: TmpfsEntry,
  logs: readonly LogEntry[],
): SeededEntry {
  const mounts = new Set(entries.filter(isMount).map(({ path }) => path));
  const inner = new Set([...mounts].filter((path) => isBelow(path, entry.path)));
  const names = listed(
    logs.map(({ path }) => basename(path)),
    "log files",
  );
  return {
    ...entry,
    kind: "seeded",
    sizeBytes: 2 ** Math.ceil(Math.log2(entry.sizeBytes + shippedBytes(ground.tree, entry.path, inner))),
    exec: entry.exec || holdsCodeBelow(ground.tree, entry.path),
    why: `${entry.why.slice(0, -1)}; it starts with links for ${names}.`,
  };
}
