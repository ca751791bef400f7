import type { NewWrite } from "../check/new-writes.ts";
import type { FoldTableRow } from "../learn/fold/fold.ts";
import type { LearnCoverage } from "../learn/coverage.ts";
import type { ContainerAtRisk, RunGain } from "../learn/learned.ts";
import type { Profile } from "../model/profile.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Verdict } from "../model/verdict.ts";

/** What a report tells, and when it was told. */
export interface Report {
  /** The command it was written by. */
  readonly command: "learn" | "verify" | "check";
  readonly version: string;
  readonly writtenAtMs: number;
  readonly workloads: readonly ReportedWorkload[];
}

export interface ReportedWorkload {
  /** Of `check` the committed one. */
  readonly strategy: Strategy;
  readonly profile: Pick<Profile, "header" | "records">;
  /** Exact figures of the runs that made the profile, run by run; empty when it was not made just now. */
  readonly table: readonly FoldTableRow[];
  /** What differed from the run that was asked for; sentences without their full stop. */
  readonly notes: readonly string[];
  /** Of runs that were just made by Petrify. */
  readonly coverage?: LearnCoverage;
  /** What each of several runs added, in their order. */
  readonly runs?: readonly RunGain[];
  readonly verdict?: Verdict;
  /** Only of `check`. */
  readonly checked?: { readonly newWrites: readonly NewWrite[]; readonly unused: readonly string[] };
  /** Of containers that exist: what their next replacement would lose. */
  readonly atRisk?: readonly ContainerAtRisk[];
}
