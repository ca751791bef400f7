import type { LogEntry } from "../model/strategy.ts";
import { deriveStrategy, type DeriveInput } from "./derive.ts";
import { isAppendedLog, streamOf } from "./rules/logs.ts";
import { whoWrites } from "./why.ts";

/** Sensors that see every system call. */
const SEES_ALL: ReadonlySet<string> = new Set(["bpf", "strace"]);

/**
 * Log files that may do as links to the container's log, sorted by path: only ever appended to, in a mount that is forgotten with
 * the container. Whether the program may open the stream, and bears that it is no file, only a run tells. None of a run that was
 * not seen completely, or that has a terminal: then the container's log is what the terminal shows.
 */
export function logCandidates(input: DeriveInput): readonly LogEntry[] {
  const { header, records } = input.profile;
  if (!SEES_ALL.has(header.sensor) || header.incomplete.length > 0 || input.workload.tty) return [];
  const logs = records.filter(isAppendedLog).map((record) => ({
    kind: "log" as const,
    path: record.path,
    stream: streamOf(record.path),
    why: `${whoWrites([record])} this and never reads it: the engine keeps it as the container's log. Tried in a run of its own.`,
  }));
  return deriveStrategy({ ...input, logs }).logs ?? [];
}
