import type { LayerChange } from "../model/change.ts";
import type { PathRecord } from "../model/profile.ts";
import type { StrategyEntry } from "../model/strategy.ts";
import { compareText, isWithin, nearest, parentOf } from "./paths.ts";
import { classify, type EphemeralClass, isPassing } from "./rules/classes.ts";
import { denyRule } from "./rules/denied.ts";

/** What the next replacement of a container would lose, because it lies in the container's own layer. */
export interface DataAtRisk {
  /** Sorted by path. */
  readonly items: readonly AtRiskItem[];
  /** Lost as well, and made anew: by what it is called. */
  readonly passing: readonly { readonly what: string; readonly files: number; readonly sizeBytes: number }[];
}

/** The files in one directory, or below the directory that the strategy keeps in a volume. */
export interface AtRiskItem {
  readonly path: string;
  readonly files: number;
  readonly sizeBytes: number;
  /** Of the file that changed last; absent when nobody tells. */
  readonly changedAtMs?: number;
  /** Executables that were seen to write there, sorted; empty when they wrote before anyone looked. */
  readonly by: readonly string[];
}

/**
 * Sorts the files of a container's layer into data and what is made anew, by the rules that decide about mounts. Pid files,
 * sockets, and what a strategy denies on purpose are neither.
 */
export function dataAtRisk(
  changes: readonly LayerChange[],
  entries: readonly StrategyEntry[],
  records: readonly PathRecord[],
): DataAtRisk {
  const volumes = new Map(entries.filter(({ kind }) => kind === "volume").map((entry) => [entry.path, entry]));
  const readBack = new Set(records.filter((record) => record.readBack).map(({ path }) => path));
  const data: Kept[] = [];
  const passing: [EphemeralClass, Kept][] = [];
  for (const { path, entry, changedAtMs } of changes) {
    if (entry?.type !== "file" || isPassing(path, "file") || denyRule(path) !== undefined) continue;
    const kept = { path, sizeBytes: entry.sizeBytes, ...(changedAtMs === undefined ? {} : { changedAtMs }) };
    const found = classify(parentOf(path));
    if (found === undefined || (!found.certain && readBack.has(path))) data.push(kept);
    else passing.push([found.class, kept]);
  }
  const places = Map.groupBy(data, ({ path }) => nearest(parentOf(path), volumes)?.path ?? parentOf(path));
  return {
    items: [...places]
      .map(([path, files]) => item(path, files, records))
      .toSorted((a, b) => compareText(a.path, b.path)),
    passing: [...Map.groupBy(passing, ([{ noun }]) => noun)]
      .map(([what, files]) => ({ what, files: files.length, sizeBytes: sizeOf(files.map(([, file]) => file)) }))
      .toSorted((a, b) => compareText(a.what, b.what)),
  };
}

interface Kept {
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedAtMs?: number;
}

function item(path: string, files: readonly Kept[], records: readonly PathRecord[]): AtRiskItem {
  const times = files.flatMap(({ changedAtMs }) => changedAtMs ?? []);
  const by = records.filter((record) => isWithin(record.path, path)).flatMap((record) => record.by);
  return {
    path,
    files: files.length,
    sizeBytes: sizeOf(files),
    ...(times.length === 0 ? {} : { changedAtMs: times.reduce((a, b) => Math.max(a, b)) }),
    by: [...new Set(by)].toSorted(compareText),
  };
}

function sizeOf(files: readonly Kept[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
