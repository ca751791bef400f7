import type { PhaseOutcome } from "../../model/profile.ts";
import type { Regression } from "../../model/verdict.ts";

const COMMANDS = [
  { kind: "test", name: "The test" },
  { kind: "exec", name: "The command inside the container" },
] as const;

export interface JudgedPhases {
  readonly regressions: readonly Regression[];
  readonly caveats: readonly string[];
}

/** What else went wrong in the run: it comes first. */
export type Cause = "operations" | "denied" | "unknown";

const CAUSES: Readonly<Record<Cause, string>> = {
  operations: "Fix the failed operations first;",
  denied:
    "Nothing failed but what the strategy denies: what the application needs of it belongs into the image's build;",
  unknown: "No operation failed newly:",
};

/** What ended worse than in the baseline. A phase that the baseline did not have is held against its last one: both find what was there before. */
export function judgePhases(
  run: readonly PhaseOutcome[],
  baseline: readonly PhaseOutcome[],
  cause: Cause = "unknown",
): JudgedPhases {
  const regressions: Regression[] = [];
  const caveats: string[] = [];
  for (const outcome of run) {
    const before = baseline.find(({ phase }) => phase === outcome.phase) ?? baseline.at(-1);
    for (const { kind, name } of COMMANDS) {
      const expected = before?.[kind] ?? 0;
      const found = outcome[kind];
      if (expected !== 0) caveats.push(`${name} failed with ${expected} in the baseline already, so it proves nothing`);
      else if (found !== undefined && found !== 0)
        regressions.push({
          kind,
          message: `${name} ended with exit code ${found} in the ${outcome.phase} run, where it had succeeded`,
          fix: `${CAUSES[cause]} the test's own output tells more.`,
        });
      else if (found === undefined && before?.[kind] !== undefined && outcome.exitedEarly === undefined)
        caveats.push(`${name} was not run in the ${outcome.phase} run`);
    }
    if (before?.health === "healthy" && outcome.health !== "healthy")
      regressions.push({
        kind: "health",
        message: `The container did not become healthy in the ${outcome.phase} run`,
        fix: `${CAUSES[cause]} the health check's own command may write somewhere, too.`,
      });
    regressions.push(...judgeExit(outcome, before, cause));
    if (before?.exitedEarly !== undefined && outcome.exitedEarly === undefined)
      caveats.push(`The container did not end by itself in the ${outcome.phase} run, as it had in the baseline`);
  }
  return { regressions, caveats };
}

function judgeExit(outcome: PhaseOutcome, before: PhaseOutcome | undefined, cause: Cause): readonly Regression[] {
  const { exitedEarly, phase } = outcome;
  if (exitedEarly === undefined || exitedEarly === before?.exitedEarly) return [];
  const expected = before?.exitedEarly === undefined ? "had kept running" : `had ended with ${before.exitedEarly}`;
  return [
    {
      kind: "exit",
      message: `The container ended by itself with exit code ${exitedEarly} in the ${phase} run, where it ${expected}`,
      fix: `${CAUSES[cause]} the container's log tells more.`,
    },
  ];
}
