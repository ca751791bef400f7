import { experiment } from "../src/learn/experiment.ts";
import { ensureImage } from "../src/learn/learn.ts";
import type { Session } from "../src/learn/session.ts";
import type { TestPlan } from "../src/learn/test-plan.ts";
import type { WriteEvent } from "../src/model/event.ts";
import type { PhaseOutcome } from "../src/model/profile.ts";
import type { Workload } from "../src/model/workload.ts";

export type Attempt = { readonly works: true } | { readonly works: false; readonly reason: string };

/** Runs a workload read-only with nothing but these tmpfs, with its test, then once more in a container that replaces the first. */
export async function attemptReadOnly(
  session: Session,
  workload: Workload,
  plan: TestPlan,
  tmpfs: Readonly<Record<string, string>>,
): Promise<Attempt> {
  let lastDenied: WriteEvent | undefined;
  const image = await ensureImage(session, workload.image);
  const { exercised, logs } = await experiment(session, {
    workload,
    image,
    plan,
    readOnlyRoot: true,
    tmpfs,
    volumes: [],
    binds: [],
    phases: ["first", "replace"],
    recording: {
      begin: () => {},
      endStart: () => {},
      write: (events) => {
        lastDenied = events.findLast((event) => event.result === "EROFS") ?? lastDenied;
      },
      finish: () => {},
      image: () => {},
    },
    stopAfter: ({ outcome }) => !passed(outcome),
  });
  const failed = exercised.find(({ outcome }) => !passed(outcome));
  if (failed === undefined) return { works: true };
  const { phase, exitedEarly, test, exec } = failed.outcome;
  // What a program tried last before it gave up is what it could not do without.
  if (exitedEarly !== undefined && lastDenied !== undefined)
    return { works: false, reason: `${lastDenied.operation} ${lastDenied.path}: Read-only file system` };
  if (exitedEarly !== undefined)
    return { works: false, reason: `it ended with exit code ${exitedEarly} in the ${phase} run: ${lastLine(logs)}` };
  return {
    works: false,
    reason: lastLine(failed.testOutput) || `the test ended with exit code ${test || exec} in the ${phase} run`,
  };
}

/** A workload without a port may be tested inside alone. */
function passed({ exitedEarly, test = 0, exec = 0 }: PhaseOutcome): boolean {
  return exitedEarly === undefined && test === 0 && exec === 0;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
