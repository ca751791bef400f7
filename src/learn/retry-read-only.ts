import { PetrifyError } from "../model/errors.ts";
import type { WriteEvent } from "../model/event.ts";
import type { PhaseOutcome } from "../model/profile.ts";
import { derivation } from "./derivation.ts";
import type { Experiment, ExperimentOptions } from "./experiment.ts";
import { incompleteReasons, type Learned } from "./learned.ts";
import { readOnlyRun } from "./read-only-run.ts";
import type { Session } from "./session.ts";

/** What dies of the first refusal names one path a run. */
const MAX_RUNS = 5;

/**
 * For a sensor that sees no failed write: runs the workload read-only with what was found, adds what its output says it was
 * refused, and does so again until nothing new is told. What then still fails makes the profile incomplete.
 */
export async function retryReadOnly(
  session: Session,
  learned: Learned,
  made: Experiment,
  { image, plan }: Pick<ExperimentOptions, "image" | "plan">,
): Promise<Learned> {
  const told = new Set<string>();
  let known = learned;
  for (let run = 1; run <= MAX_RUNS; run++) {
    session.progress.note(`read-only with what was found (run ${run}, at most ${MAX_RUNS})`);
    const { strategy } = derivation(known);
    const refused: WriteEvent[] = [];
    const recording = { ...NO_RECORDING, write: (events: readonly WriteEvent[]) => void refused.push(...events) };
    const { workload } = learned;
    let retried: Experiment;
    try {
      retried = await readOnlyRun(session, { workload, image, plan, strategy, phases: ["first"], recording });
    } catch (error) {
      if (!(error instanceof PetrifyError) || error.code !== "E_CONTAINER_START") throw error;
      return withReasons(known, [`read-only with what was found it could not be started: ${error.message}`]);
    }
    const fresh = refused.filter((event) => event.result === "EROFS" && !told.has(nameOf(event)));
    if (fresh.length === 0) return withReasons(known, reasons(retried, made, known));
    for (const event of fresh) told.add(nameOf(event));
    const { records, table } = made.addRefused(fresh);
    known = { ...known, table, profile: { ...known.profile, records } };
  }
  return withReasons(known, [`each of ${MAX_RUNS} read-only runs was refused something new: there may be more`]);
}

const NO_RECORDING = { begin: () => {}, endStart: () => {}, finish: () => {}, image: () => {} };

/** Why what was found does not suffice, or may not. */
function reasons(retried: Experiment, made: Experiment, { profile }: Learned): readonly string[] {
  const [now, before] = [retried, made].map(({ exercised: [first] }) => first?.outcome);
  // How it ended is told below, in words that say of which run.
  const known = new Set([...profile.header.incomplete, ...incompleteReasons(retried.loss, retried.coverage.phases)]);
  const seen = retried.incomplete.filter((reason) => !known.has(reason));
  const cause = retried.records.some(({ failed }) => failed.some(({ errno }) => errno === "EROFS"))
    ? "what it was refused stays denied"
    : "its output does not say of which write";
  return [...seen, ...failures(now, before).map((failure) => `read-only with what was found ${failure}, and ${cause}`)];
}

function nameOf({ operation, path }: WriteEvent): string {
  return `${operation} ${path}`;
}

function failures(now: PhaseOutcome | undefined, before: PhaseOutcome | undefined): readonly string[] {
  const differs = (key: "test" | "exec" | "exitedEarly"): boolean => (now?.[key] ?? 0) !== (before?.[key] ?? 0);
  return [
    ...(differs("test") ? [`its test ended with exit code ${now?.test}`] : []),
    ...(differs("exec") ? [`its --exec ended with exit code ${now?.exec}`] : []),
    ...(differs("exitedEarly") ? [`it ended by itself with exit code ${now?.exitedEarly}`] : []),
  ];
}

function withReasons(learned: Learned, found: readonly string[]): Learned {
  const { profile } = learned;
  const incomplete = [...new Set([...profile.header.incomplete, ...found])].toSorted();
  return { ...learned, profile: { ...profile, header: { ...profile.header, incomplete } } };
}
