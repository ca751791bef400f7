import { experiment } from "../src/learn/experiment.ts";
import { ensureImage } from "../src/learn/learn.ts";
import type { Session } from "../src/learn/session.ts";
import type { TestPlan } from "../src/learn/test-plan.ts";
import type { WriteEvent } from "../src/model/event.ts";
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
  const { exercised } = await experiment(session, {
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
    stopAfter: ({ outcome }) => outcome.test !== 0,
  });
  const failed = exercised.find(({ outcome }) => outcome.test !== 0);
  if (failed === undefined) return { works: true };
  const { phase, exitedEarly, test } = failed.outcome;
  // What a program tried last before it gave up is what it could not do without.
  if (exitedEarly !== undefined && lastDenied !== undefined)
    return { works: false, reason: `${lastDenied.operation} ${lastDenied.path}: Read-only file system` };
  const printed = failed.testOutput.trim().split("\n").at(-1);
  return { works: false, reason: printed || `the test ended with exit code ${test} in the ${phase} run` };
}
