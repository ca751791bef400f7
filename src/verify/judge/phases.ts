import type { PhaseOutcome } from "../../model/profile.ts";
import type { Regression } from "../../model/verdict.ts";
import { quoteForTerminal } from "../../model/quote.ts";

const COMMANDS = [
  { kind: "test", name: "The test" },
  { kind: "exec", name: "The command inside the container" },
] as const;

export interface JudgedPhases {
  readonly regressions: readonly Regression[];
  readonly caveats: readonly string[];
}

/** What else was found in the run: it comes first. */
export interface Circumstances {
  readonly failed: boolean;
  readonly denied: boolean;
  /** Mount points that the application should have made and filled, and did not. */
  readonly untouched: readonly string[];
}
const NOTHING_FOUND: Circumstances = { failed: false, denied: false, untouched: [] };

function advice({ failed, denied, untouched }: Circumstances): string {
  if (failed) return "Fix the failed operations first;";
  if (denied)
    return "Nothing failed but what the strategy denies: what the application needs of it belongs into the image's build;";
  if (untouched.length === 0) return "No operation failed newly:";
  return `Nothing was written on ${untouched.map(quoteForTerminal).join(", ")}, which the application made itself in the baseline: perhaps it takes the empty mount for work that is done. Put the content into the image, or mount the directory above;`;
}

/** What ended worse than in the baseline. A phase that the baseline did not have is held against its last one: both find what was there before. */
export function judgePhases(
  run: readonly PhaseOutcome[],
  baseline: readonly PhaseOutcome[],
  circumstances = NOTHING_FOUND,
): JudgedPhases {
  const regressions: Regression[] = [];
  const caveats: string[] = [];
  const first = advice(circumstances);
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
          fix: `${first} the test's own output tells more.`,
        });
      else if (found === undefined && before?.[kind] !== undefined && outcome.exitedEarly === undefined)
        caveats.push(`${name} was not run in the ${outcome.phase} run`);
    }
    if (before?.probe === "answered" && outcome.probe !== "answered" && outcome.exitedEarly === undefined)
      regressions.push({
        kind: "test",
        message: `The HTTP probe was not answered as before in the ${outcome.phase} run`,
        fix: `${first} a page that fails with status 500 or above tells more in the container's log.`,
      });
    if (before?.health === "healthy" && outcome.health !== "healthy")
      regressions.push({
        kind: "health",
        message: `The container did not become healthy in the ${outcome.phase} run`,
        fix: `${first} the health check's own command may write somewhere, too.`,
      });
    regressions.push(...judgeExit(outcome, before, first));
    if (before?.exitedEarly !== undefined && outcome.exitedEarly === undefined)
      caveats.push(`The container did not end by itself in the ${outcome.phase} run, as it had in the baseline`);
  }
  return { regressions, caveats };
}

function judgeExit(outcome: PhaseOutcome, before: PhaseOutcome | undefined, first: string): readonly Regression[] {
  const { exitedEarly, phase } = outcome;
  if (exitedEarly === undefined || exitedEarly === before?.exitedEarly) return [];
  const expected = before?.exitedEarly === undefined ? "had kept running" : `had ended with ${before.exitedEarly}`;
  return [
    {
      kind: "exit",
      message: `The container ended by itself with exit code ${exitedEarly} in the ${phase} run, where it ${expected}`,
      fix: `${first} the container's log tells more.`,
    },
  ];
}
