import type { PathRecord, PhaseOutcome, Profile } from "../../model/profile.ts";
import type { Strategy } from "../../model/strategy.ts";
import type { Regression, Verdict } from "../../model/verdict.ts";
import { compareText } from "../../strategy/paths.ts";
import type { AvcDenial } from "./avc.ts";
import { judgePersistence } from "./lost.ts";
import { judgeOperations } from "./operations.ts";
import { PathIndex } from "./path-index.ts";
import { judgePhases } from "./phases.ts";
import { untouchedMounts } from "./untouched.ts";

export interface JudgeInput {
  /** What the workload did while it could write everywhere. */
  readonly baseline: Profile;
  /** What it did read-only under the strategy. */
  readonly run: {
    readonly records: readonly PathRecord[];
    readonly phases: readonly PhaseOutcome[];
    /** Absent: each operation was seen. */
    readonly sensor?: Profile["header"]["sensor"];
    /** What SELinux denied meanwhile; absent: the engine does not run under it. */
    readonly selinux?: readonly AvcDenial[];
  };
  readonly strategy: Strategy;
}

export interface Judgement {
  /** Sorted: operations by path first, then what they led to. Empty: passed. */
  readonly regressions: readonly Regression[];
  /** Sorted by path. */
  readonly denied: Verdict["denied"];
  /** Sorted. */
  readonly caveats: readonly string[];
}

/** Compares a read-only run operation by operation with the baseline: what failed before may fail again, all else must work. */
export function judge({ baseline, run, strategy }: JudgeInput): Judgement {
  const operations = judgeOperations(
    run.records,
    baseline.records,
    new PathIndex(baseline.records),
    strategy,
    run.selinux,
  );
  const phases = judgePhases(run.phases, baseline.header.coverage.phases, {
    failed: operations.regressions.length > 0,
    denied: operations.denied.length > 0,
    untouched: untouchedMounts(strategy, baseline.records, run.records),
  });
  // Where the first run failed, what the second one does not find may never have been stored.
  const stored = judgePhases(run.phases.slice(0, 1), baseline.header.coverage.phases).regressions.length === 0;
  const seesReads = run.sensor !== "diff";
  const persistence = !stored ? NOT_STORED : !seesReads ? NOT_SEEN : judgePersistence(run, baseline.records, strategy);
  const regressions = [...operations.regressions, ...persistence.regressions, ...phases.regressions];
  const caveats = [
    ...operations.caveats,
    ...persistence.caveats,
    ...phases.caveats,
    ...doubts({ baseline, run, strategy }),
  ];
  return {
    regressions: [...new Map(regressions.map((one) => [one.message, one])).values()].toSorted(byKind),
    denied: operations.denied.toSorted(
      (a, b) => compareText(a.path, b.path) || compareText(a.operation, b.operation) || compareText(a.errno, b.errno),
    ),
    caveats: [...new Set(caveats)].toSorted(compareText),
  };
}

const NOT_STORED = { regressions: [], caveats: ["the first run failed, so it is not known whether data persists"] };
const NOT_SEEN = { regressions: [], caveats: ["reads were not seen, so it is not known whether data persists"] };

const KINDS: readonly Regression["kind"][] = ["operation", "lost", "test", "exec", "health", "exit"];

function byKind(a: Regression, b: Regression): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    compareText(a.path ?? "", b.path ?? "") ||
    compareText(a.message, b.message)
  );
}

/** Why even a run without regressions proves little. */
function doubts({ baseline, run, strategy }: JudgeInput): readonly string[] {
  const { incomplete, loss, sensor } = baseline.header;
  const found = [...incomplete, ...strategy.incomplete].map((reason) => `the baseline is not complete: ${reason}`);
  if (incomplete.length === 0 && Object.values(loss).some((count) => count > 0))
    found.push("the baseline is not complete: events were lost");
  if (sensor === "none" || sensor === "diff") found.push("the baseline was made without seeing each operation");
  if (run.phases.length === 0) found.push("nothing was run");
  else if (run.phases.every(({ test, exec }) => test === undefined && exec === undefined))
    found.push(
      run.phases.some(({ probe }) => probe === "answered")
        ? "only the pages of its ports were asked for, by GET"
        : run.phases.some(({ health }) => health === "healthy")
          ? "only the image's health check was tested"
          : "nothing was tested: that it starts proves little",
    );
  return found;
}
