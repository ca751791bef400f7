import type { PathRecord, PhaseOutcome } from "../model/profile.ts";
import { union } from "./fold/text.ts";

/** What the exercise of one phase reached of the workload. Lists are sorted where they come together. */
export interface Reached {
  /** TCP ports that somebody was connected to: `80/tcp`. */
  readonly usedPorts: readonly string[];
  /** Pages that the HTTP probe was answered: `80/tcp /login`. */
  readonly pages: readonly string[];
  readonly sentSignals: readonly string[];
  /** Signals that the first process handles as a service does. */
  readonly handledSignals: readonly string[];
}

/** What the runs of a workload covered. It stands beside the profile and not in it: where a client connected may differ from run to run. */
export interface LearnCoverage extends Reached {
  /** Runs of the test, or of what stood for it. */
  readonly testRuns: number;
  readonly listening: readonly string[];
  readonly logRotation: (typeof ROTATIONS)[number];
}

export interface Uncovered {
  /** TCP ports that nobody was seen connecting to. */
  readonly ports: readonly string[];
  /** Signals that are handled, and that Petrify did not send; a test may have. */
  readonly signals: readonly string[];
}

/** What tells most first. */
const ROTATIONS = ["seen", "not seen", "no log files"] as const;
const LOG_FILE = /^\/var\/log\/.|\.log$/;

export function coverageOf(
  reached: readonly Reached[],
  run: {
    readonly phases: readonly PhaseOutcome[];
    readonly listening: readonly string[];
    readonly records: readonly PathRecord[];
  },
): LearnCoverage {
  const none = { usedPorts: [], pages: [], sentSignals: [], handledSignals: [] };
  const all = reached.reduce(uniteReached, none);
  return {
    ...all,
    // A page that answered was a connection, also where it was too short to be seen.
    usedPorts: union(
      all.usedPorts,
      all.pages.map((page) => page.slice(0, page.indexOf(" "))),
    ),
    testRuns: run.phases.filter(({ test, exec, probe }) => (test ?? exec ?? probe) !== undefined).length,
    listening: run.listening,
    logRotation: rotationOf(run.records),
  };
}

/** The coverage of several runs of one workload. */
export function mergeCoverage(a: LearnCoverage, b: LearnCoverage): LearnCoverage {
  return {
    ...uniteReached(a, b),
    testRuns: a.testRuns + b.testRuns,
    listening: union(a.listening, b.listening),
    logRotation: ROTATIONS.find((seen) => seen === a.logRotation || seen === b.logRotation) ?? "no log files",
  };
}

export function uncovered({ listening, usedPorts, handledSignals, sentSignals }: LearnCoverage): Uncovered {
  return {
    ports: listening.filter((port) => port.endsWith("/tcp") && !usedPorts.includes(port)),
    signals: handledSignals.filter((name) => !sentSignals.includes(name)),
  };
}

/** One sentence on what was covered, and what was not; none when there is nothing to say. */
export function coverageSentence(coverage: LearnCoverage): readonly string[] {
  const { ports, signals } = uncovered(coverage);
  const used = coverage.usedPorts.filter((port) => coverage.listening.includes(port));
  const { pages, sentSignals, logRotation } = coverage;
  const parts = [
    ...(used.length === 0 ? [] : [`connections to ${used.join(", ")}`]),
    ...(pages.length === 0 ? [] : [`${pages.length} ${pages.length === 1 ? "page" : "pages"} asked for`]),
    ...(sentSignals.length === 0 ? [] : [`${sentSignals.join(", ")} sent`]),
    ...(ports.length === 0 ? [] : [`no connection to ${ports.join(", ")} was seen`]),
    ...(signals.length === 0 ? [] : [`it handles ${signals.join(", ")}, not sent (--signal)`]),
    ...(logRotation === "not seen" ? ["no log file was rotated"] : []),
  ];
  return parts.length === 0 ? [] : [`Coverage: ${parts.join("; ")}.`];
}

/** A rotation moves a log file away, or empties it (logrotate's copytruncate). */
function rotationOf(records: readonly PathRecord[]): LearnCoverage["logRotation"] {
  const logs = records.filter(({ path, type, done }) => type === "file" && LOG_FILE.test(path) && done.length > 0);
  if (logs.length === 0) return "no log files";
  return logs.some(({ movesTo, done }) => movesTo.length > 0 || done.includes("truncate")) ? "seen" : "not seen";
}

function uniteReached(a: Reached, b: Reached): Reached {
  return {
    usedPorts: union(a.usedPorts, b.usedPorts),
    pages: union(a.pages, b.pages),
    sentSignals: union(a.sentSignals, b.sentSignals),
    handledSignals: union(a.handledSignals, b.handledSignals),
  };
}
