import { type LearnCoverage, uncovered } from "../learn/coverage.ts";
import type { LossCounters } from "../model/event.ts";
import type { StrategyTest } from "../model/strategy.ts";
import { type Content, type Html, markup, names } from "./html.ts";
import { phaseTable } from "./phases.ts";
import type { ReportedWorkload } from "./report.ts";
import { facts, table } from "./table.ts";

const LOSSES: Readonly<Record<keyof LossCounters, string>> = {
  ringFull: "Records that found the ring full",
  recursionMisses: "Program runs that the kernel skipped",
  evictedInodes: "Byte totals pushed out of the kernel's table",
  unreadablePaths: "Paths that could not be read from the process",
  ioUringSetups: "Uses of io_uring that were not decoded",
  compatCalls: "32-bit system calls that were not decoded",
};

export const TESTS: Readonly<Record<StrategyTest["kind"], string>> = {
  command: "a test command, run on the writable container and repeated by verify",
  external: "what started it from outside; verify cannot repeat that",
  probe: "the built-in HTTP probe alone: functions that need more than a GET were not observed",
  healthcheck: "its own health check alone: functions that it does not use were not observed",
  none: "nothing: only what the start and the stop write was observed",
};

/** What was observed and what was not. */
export function coverage({ strategy, profile, notes, coverage: reached }: ReportedWorkload): Html {
  const { coverage: seen, loss, incomplete, sensor, engine } = profile.header;
  const { kind, command, exec } = strategy.test;
  return markup`<h4>Not observed</h4>
    <ul>
      ${incomplete.map((reason) => markup`<li><strong>Incomplete:</strong> ${reason}.</li>`)}
      <li>${NOT_OBSERVED[kind]}</li>
      ${reached !== undefined && unreached(reached).map((sentence) => markup`<li>${sentence}.</li>`)}
    </ul>
    ${notes.length > 0 && markup`<h4>What differed from the run that was asked for</h4><ul>${notes.map((note) => markup`<li>${note}.</li>`)}</ul>`}
    ${phaseTable("Runs", seen.phases)}
    <h4>How it was exercised</h4>
    ${facts([
      ["By", TESTS[kind]],
      ...code("Test command", command),
      ...code("Inside the container", exec),
      ["Seen listening", seen.listening.length === 0 ? "none" : seen.listening.join(", ")],
      ...(reached === undefined ? [] : reachedFacts(reached)),
      ["Engine, runtime", `${engine.kind}, ${engine.runtime}`],
      ["Sensor", SENSORS[sensor]],
    ])}
    ${table(
      total(loss) === 0 ? "Losses: nothing was missed" : "Losses: something was missed",
      [{ title: "Counter" }, { title: "Count", align: "right" }],
      Object.entries(LOSSES).map(([counter, title]) => ({ cells: [title, loss[counter as keyof LossCounters]] })),
    )}`;
}

function unreached(reached: LearnCoverage): readonly string[] {
  const { ports, signals } = uncovered(reached);
  return [
    ...(ports.length === 0 ? [] : [`Nobody was seen connecting to ${ports.join(", ")}`]),
    ...(signals.length === 0 ? [] : [`It handles ${signals.join(", ")}, which Petrify did not send`]),
    ...(reached.logRotation === "not seen" ? ["No log file was rotated"] : []),
  ];
}

function reachedFacts({ testRuns, usedPorts, pages, sentSignals }: LearnCoverage) {
  return [
    ["Runs of the test", testRuns],
    ["Connected to", usedPorts.join(", ") || "none"],
    ["Pages asked for", names(pages)],
    ["Signals sent", sentSignals.join(", ") || "none"],
  ] as const;
}

const NOT_OBSERVED: Readonly<Record<StrategyTest["kind"], string>> = {
  command: "Functions that the test does not use, and what happens only after days or at night, were not observed.",
  external: "Functions that nobody used meanwhile were not observed.",
  probe: "Functions that need more than a GET were not observed.",
  healthcheck: "Functions beyond the health check were not observed.",
  none: "Nothing was tested: no function of the workload counts as observed.",
};

export const SENSORS = {
  bpf: "kernel (eBPF)",
  strace: "strace",
  diff: "the engine's changes, which see no attempt that fails or passes",
  none: "none",
} as const;

export function total(loss: LossCounters): number {
  return Object.values(loss).reduce((sum: number, count: number) => sum + count, 0);
}

function code(term: string, text: string | undefined): readonly (readonly [string, Content])[] {
  return text === undefined ? [] : [[term, markup`<code>${text}</code>`]];
}
