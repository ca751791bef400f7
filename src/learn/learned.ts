import type { DataAtRisk } from "../strategy/at-risk.ts";
import type { LossCounters } from "../model/event.ts";
import type { FileTree, ImageNames } from "../model/image.ts";
import type { PhaseOutcome, Profile } from "../model/profile.ts";
import type { EnvEntry, LogEntry, StrategyTest } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import type { LearnCoverage } from "./coverage.ts";
import type { FoldTableRow } from "./fold/fold.ts";
import type { Logged } from "./logged.ts";

/** What every source of knowledge ends with, and every strategy is derived from. */
export interface Learned {
  readonly workload: Workload;
  readonly image: ImageNames;
  /** The image's content. */
  readonly tree: FileTree;
  readonly profile: Profile;
  readonly test: StrategyTest;
  /** Variables that were tried and found to save something; the profile is of runs with them. Absent: none. */
  readonly settings?: readonly EnvEntry[];
  /** Log files that were tried as links to the container's log and found to work; the profile is of runs without. Absent: none. */
  readonly logs?: readonly LogEntry[];
  /** Of one run, when that was asked for. */
  readonly logged?: Logged;
  /** Exact figures of the run; empty when there was none. */
  readonly table: readonly FoldTableRow[];
  /** Sentences without their full stop. */
  readonly notes: readonly string[];
  /** Of runs that were just made by Petrify. */
  readonly coverage?: LearnCoverage;
  /** What each of several runs added, in their order. */
  readonly runs?: readonly RunGain[];
  /** Of containers that exist: what their next replacement would lose. */
  readonly atRisk?: readonly ContainerAtRisk[];
}

/** What one run added to those before it. */
export interface RunGain {
  /** Paths that no run before had written. */
  readonly newPaths: number;
  /** The strategy that follows from all runs until then is another one. The first run's always is. */
  readonly changedStrategy: boolean;
}

export interface ContainerAtRisk extends DataAtRisk {
  readonly container: string;
}

const LOSS_REASONS: Readonly<Record<keyof LossCounters, string>> = {
  ringFull: "events were lost: the workload wrote faster than they could be read",
  recursionMisses: "events were lost: the kernel skipped the sensor",
  evictedInodes: "byte totals were lost: the workload wrote to more files than the kernel's table holds",
  unreadablePaths: "some paths could not be read from the process",
  ioUringSetups: "io_uring was used: what is written through it is not observed",
  compatCalls: "32-bit system calls were made: they are not observed",
};

/** Sorted: why a run with these losses and outcomes was not observed completely. */
export function incompleteReasons(loss: LossCounters, outcomes: readonly PhaseOutcome[]): readonly string[] {
  const reasons = Object.entries(LOSS_REASONS)
    .filter(([counter]) => loss[counter as keyof LossCounters] > 0)
    .map(([, reason]) => reason);
  for (const { phase, exitedEarly } of outcomes)
    if (exitedEarly !== undefined && exitedEarly !== 0)
      reasons.push(`the container ended by itself with exit code ${exitedEarly} in the ${phase} run`);
  return reasons.toSorted();
}

export function lossSince(now: LossCounters, before: LossCounters): LossCounters {
  const entries = Object.entries(now).map(([key, value]) => [key, value - before[key as keyof LossCounters]]);
  return Object.fromEntries(entries) as LossCounters;
}
