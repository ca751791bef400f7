import type { ContainerLink } from "../engine/engine.ts";
import type { LogEntry, LogStream } from "../model/strategy.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { isWritten } from "../strategy/candidates.ts";
import { deriveStrategy, type DeriveInput } from "../strategy/derive.ts";
import { logCandidates, untriable } from "../strategy/log-candidates.ts";
import { mergeProfiles } from "./fold/merge.ts";
import type { Learned } from "./learned.ts";
import { type Attempt, endsAsBefore, provenTogether, unlessItFails } from "./trial.ts";

export interface LogTrialOptions {
  /** One more run of the same workload, whose containers start with the links, with `logged`. */
  readonly learn: (links: readonly ContainerLink[]) => Promise<Learned>;
  /** A sentence on what happens, without its full stop. */
  readonly note: (text: string) => void;
}

/**
 * What was learned, with the log files that work as links to the container's log: they are tried in a run, and kept only when
 * everything ends as before, nothing else is written, and what was written to each arrives. `learned.logged` is of a run
 * without the links. Runs nothing when there are no such files. Throws what a run throws, but for a test that fails with the links.
 */
export async function tryLogs(learned: Learned, options: LogTrialOptions): Promise<Learned> {
  const hindrance = untriable(inputOf(learned));
  if (hindrance !== undefined)
    return withNotes(learned, [`no log file was tried as a link to the container's log: ${hindrance}`]);
  const candidates = logCandidates(inputOf(learned));
  const empty = candidates.filter(({ path }) => writtenTo(learned, path) === 0);
  const notes = empty.map(
    ({ path }) =>
      `${quoteForTerminal(path)} was not tried as a link to the container's log: nothing was written to it, so nothing would show whether it arrives`,
  );
  const tried = candidates.filter((candidate) => !empty.includes(candidate));
  const kept = await provenTogether(tried, {
    attempt: (some) => attempt(learned, some, options),
    onDropped: ({ path }, because) =>
      notes.push(`${quoteForTerminal(path)} was tried as a link to the container's log and not kept: ${because}`),
  });
  return withNotes({ ...learned, ...(kept === undefined ? {} : { logs: kept }) }, notes);
}

function withNotes(learned: Learned, notes: readonly string[]): Learned {
  return { ...learned, notes: [...learned.notes, ...notes] };
}

/** A sentence on what a trial could save, without its full stop; none when nothing could. */
export function untriedLogs(learned: Learned): readonly string[] {
  const paths = logCandidates(inputOf(learned)).map(({ path }) => quoteForTerminal(path));
  return paths.length === 0
    ? []
    : [`learn with --logs-to-stdout, and the container's log may take what is written to ${paths.join(", ")}`];
}

async function attempt(
  learned: Learned,
  tried: readonly LogEntry[],
  options: LogTrialOptions,
): Promise<Attempt<LogEntry, readonly LogEntry[]>> {
  const paths = tried.map(({ path }) => path);
  options.note(`trying ${paths.map(quoteForTerminal).join(", ")} as links to the container's log in one more run`);
  const links = tried.map(({ path, stream }) => ({ path, target: `/dev/${stream}` }));
  const run = await unlessItFails(() => options.learn(links));
  if (run === undefined) return { failing: [], because: "the test fails with it" };
  if (!endsAsBefore(run, learned)) return { failing: [], because: "something ends otherwise with it" };
  const replaced = tried.filter(({ path }) => isWritten([path], run.profile.records));
  if (replaced.length > 0) return { failing: replaced, because: "the program puts a file in its place" };
  const together = { ...learned, profile: mergeProfiles(learned.profile, run.profile) };
  if (placesOf(together) !== placesOf(learned)) return { failing: [], because: "something else is written with it" };
  if (!arrives(learned, run, tried))
    return { failing: [], because: "what is written to it does not arrive, as for a program that may not open it" };
  return { kept: tried };
}

/** Whether what was written to each of the files now stands in the container's log: without the smallest it would be less. */
function arrives(before: Learned, run: Learned, tried: readonly LogEntry[]): boolean {
  return [...Map.groupBy(tried, ({ stream }) => stream)].every(([stream, logs]) => {
    const written = logs.map(({ path }) => writtenTo(before, path));
    const sum = written.reduce((total, bytes) => total + bytes, 0);
    const grown = bytesOf(run, stream) - bytesOf(before, stream);
    // Lines differ in length from run to run, by numbers in them.
    return written.every((bytes) => grown > sum - bytes / 2);
  });
}

/** Bytes, in a run without links. */
function writtenTo({ logged }: Learned, path: string): number {
  return logged?.files.get(path) ?? 0;
}

function bytesOf({ logged }: Learned, stream: LogStream): number {
  return logged?.streams[stream] ?? 0;
}

function placesOf(learned: Learned): string {
  return JSON.stringify(deriveStrategy(inputOf(learned)).entries.map(({ kind, path }) => [kind, path]));
}

function inputOf(learned: Learned): DeriveInput {
  return { ...learned, profileReference: { file: "", sha256: "" } };
}
