import { basename } from "node:path";
import type { EnvEntry, LogEntry, StrategyEntry, Strategy } from "../model/strategy.ts";
import { compareText } from "./fold/text.ts";
import type { FoldTableRow } from "./fold/fold.ts";
import { counted } from "../model/units.ts";
import { missesTest } from "../model/unseen.ts";
import { coverageSentence, uncovered } from "./coverage.ts";
import type { ContainerAtRisk, Learned, RunGain } from "./learned.ts";
import type { Written } from "./write-learned.ts";

/** One entry with what was seen below it in this run. */
export interface LearnedRow {
  readonly entry: StrategyEntry | LogEntry | EnvEntry;
  /** Executables that wrote there, as paths in the container, busiest first. */
  readonly by: readonly string[];
  readonly writtenBytes: number;
}

/** Entries with the counts of this run, each path counted at the entry nearest to it. */
export function learnedRows(learned: Learned, strategy: Strategy): readonly LearnedRow[] {
  const rows = [...strategy.entries, ...(strategy.logs ?? [])].map((entry) => ({
    entry,
    by: new Map<string, number>(),
    writtenBytes: 0,
  }));
  const nearestFirst = rows.toSorted((a, b) => b.entry.path.length - a.entry.path.length);
  for (const seen of learned.table) {
    const row = nearestFirst.find(({ entry }) => covers(entry.path, seen.path));
    if (row === undefined) continue;
    row.writtenBytes += seen.bytes;
    for (const { name, events } of seen.processes) row.by.set(name, (row.by.get(name) ?? 0) + events);
  }
  return [
    ...rows.map(({ entry, by, writtenBytes }) => ({ entry, by: busiestFirst(by), writtenBytes })),
    ...(strategy.settings ?? []).map((entry) => ({ entry, by: [], writtenBytes: 0 })),
  ];
}

function busiestFirst(by: ReadonlyMap<string, number>): readonly string[] {
  return [...by].toSorted(([a, as], [b, bs]) => bs - as || compareText(a, b)).map(([name]) => name);
}

/** Sentences below the table: what was tested, what was not observed, where the files are, what to do next. */
export function learnedSummary(learned: Learned, written: Written): readonly string[] {
  const { profile, test } = learned;
  const files = `${written.strategyFile} and ${basename(written.profileFile)}`;
  return [
    attempts(learned),
    ...(written.strategy.entries.length === 0
      ? ["It writes nothing to its root: a plain read-only root is enough."]
      : []),
    ...firstSeen(learned.runs ?? []),
    ...imageChanges(written.strategy),
    ...(missesTest(profile.header.incomplete) ? [] : [TESTED[test.kind]]),
    ...(learned.coverage === undefined ? [] : coverageSentence(learned.coverage)),
    ...learned.notes.map((note) => `Note: ${note}.`),
    ...restartFailure(learned),
    ...profile.header.incomplete.map((reason) => `INCOMPLETE: ${reason}. Do not take this strategy for safe.`),
    written.unchanged ? `Unchanged: ${files} say the same already.` : `Written: ${files}.`,
    ...(written.keptAs === undefined ? [] : [`The strategy that was there before is now ${written.keptAs}.`]),
    `Next: petrify verify ${written.strategyFile}`,
  ];
}

/** What no strategy can do: told apart from what is denied because it does no harm. */
function imageChanges({ entries }: Strategy): readonly string[] {
  return entries.flatMap((entry) =>
    entry.kind === "image" ? [`MUST CHANGE IN THE IMAGE: ${entry.path}. ${entry.why}`, ...entry.fix.map(indented)] : [],
  );
}

function indented(line: string): string {
  return `    ${line}`;
}

/** How fast news ran out. */
function firstSeen(runs: readonly RunGain[]): readonly string[] {
  if (runs.length < 2) return [];
  const told = runs.map(({ newPaths, changedStrategy }) => `${newPaths}${changedStrategy ? "*" : ""}`);
  return [`New paths in each of ${runs.length} runs: ${told.join(", ")} (* changed the strategy).`];
}

/** Of a run that was not just made only the paths are known. */
function attempts({ table, profile }: Learned): string {
  const paths = profile.records.length;
  const { ringFull, recursionMisses } = profile.header.loss;
  if (eventsOf(table) === 0 && paths > 0) return `Writes at ${counted(paths, "path")}.`;
  return `${counted(eventsOf(table), "write attempt")} at ${counted(paths, "path")}, ${ringFull + recursionMisses} lost.`;
}

function eventsOf(table: readonly FoldTableRow[]): number {
  return table.reduce((sum: number, row: FoldTableRow) => sum + row.events, 0);
}

const TESTED: Readonly<Record<Strategy["test"]["kind"], string>> = {
  command: "The test passed on the writable container.",
  external: "What exercised it from outside succeeded: functions that it does not use were not observed.",
  probe: "Tested by the built-in HTTP probe only: functions that need more than a GET were not observed.",
  healthcheck: "Tested by its health check only: functions that it does not use were not observed.",
  none: "NOTHING WAS TESTED: only what the start and the stop write was observed. Give --test or --exec.",
};

/** A test that cannot be repeated is no error, but then less was seen after the restart. */
function restartFailure({ profile }: Learned): readonly string[] {
  const restart = profile.header.coverage.phases.find(({ phase }) => phase === "restart");
  const code = restart?.test || restart?.exec;
  return code === undefined || code === 0
    ? []
    : [`Note: after the restart the test ended with exit code ${code}; PETRIFY_PHASE tells it which run it is.`];
}

function covers(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** The result of `petrify learn --json`; its shape is in docs/reference/json.md. */
export function learnedJson(learned: Learned, written: Written): object {
  const { profile, test, table, notes } = learned;
  const { coverage, loss, incomplete } = profile.header;
  return {
    strategyFile: written.strategyFile,
    profileFile: written.profileFile,
    unchanged: written.unchanged,
    image: { reference: profile.header.image.reference, id: profile.header.image.id },
    test,
    phases: coverage.phases,
    listening: coverage.listening,
    eventsSeen: eventsOf(table),
    loss,
    incomplete,
    notes,
    ...(learned.coverage === undefined
      ? {}
      : { coverage: { ...learned.coverage, uncovered: uncovered(learned.coverage) } }),
    ...(learned.runs === undefined ? {} : { runs: learned.runs }),
    entries: learnedRows(learned, written.strategy).map(({ entry, by, writtenBytes }) => ({
      ...entry,
      by,
      writtenBytes,
    })),
    ...(learned.atRisk === undefined ? {} : { atRisk: learned.atRisk.map(atRiskJson) }),
  };
}

function atRiskJson({ container, items, passing }: ContainerAtRisk): object {
  return {
    container,
    totalBytes: items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    items: items.map(({ changedAtMs, ...item }) => ({
      ...item,
      ...(changedAtMs === undefined ? {} : { changedAt: new Date(changedAtMs).toISOString() }),
    })),
    passing,
  };
}
