import type { LogEntry } from "../model/strategy.ts";
import { deriveStrategy, type DeriveInput } from "./derive.ts";
import { isAppendedLog, streamOf } from "./rules/logs.ts";
import { whoWrites } from "./why.ts";

/** Sensors that see every system call. */
const SEES_ALL: ReadonlySet<string> = new Set(["bpf", "strace"]);

/** Why nothing of a run may be tried as a link; undefined when it may. */
export function untriable({ profile: { header }, workload }: DeriveInput): string | undefined {
  if (!SEES_ALL.has(header.sensor)) return "its calls were not all seen";
  if (header.incomplete.length > 0) return "something was not observed or not tested";
  return workload.tty ? "a terminal has only one stream" : undefined;
}

/**
 * Log files that may do as links to the container's log, sorted by path: only ever appended to, in a mount that is forgotten with
 * the container. Whether the program may open the stream, and bears that it is no file, only a run tells. None of a run that is
 * untriable.
 */
export function logCandidates(input: DeriveInput): readonly LogEntry[] {
  if (untriable(input) !== undefined) return [];
  const logs = input.profile.records.filter(isAppendedLog).map((record) => ({
    kind: "log" as const,
    path: record.path,
    stream: streamOf(record.path),
    why: `${whoWrites([record])} this and never reads it: the engine keeps it as the container's log. Tried in a run of its own.`,
  }));
  return deriveStrategy({ ...input, logs }).logs ?? [];
}
