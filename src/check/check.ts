import type { Strategy } from "../model/strategy.ts";
import type { Verdict } from "../model/verdict.ts";
import { derivation } from "../learn/derivation.ts";
import { learnWorkload } from "../learn/learn.ts";
import type { Learned } from "../learn/learned.ts";
import type { Session } from "../learn/session.ts";
import type { TestPlan } from "../learn/test-plan.ts";
import { workloadUnder } from "../strategy/settings.ts";
import { type Environment, verifyStrategy, withEnvironment } from "../verify/verify.ts";
import { newWrites, type NewWrite, unusedEntries } from "./new-writes.ts";

export interface CheckOptions {
  readonly committed: Strategy;
  readonly plan: TestPlan;
  /** Values for the variables that the strategy names without one. */
  readonly environment: Environment;
  /** Image to check instead of the one that was learned. */
  readonly imageReference?: string;
}

export interface Checked {
  readonly outcome: "passed" | "failed";
  readonly newWrites: readonly NewWrite[];
  /** Entries of the committed strategy that nothing wrote to in this run. */
  readonly unused: readonly string[];
  readonly verdict: Verdict;
  /** Sorted: why the run was not seen completely. */
  readonly incomplete: readonly string[];
  /** The run that was learned anew. */
  readonly learned: Learned;
}

/**
 * Learns the committed strategy's workload anew, says what it writes that the strategy does not know, and verifies the
 * strategy against that run. Writes no file. Throws what learning and verifying throw.
 */
export async function checkStrategy(session: Session, options: CheckOptions): Promise<Checked> {
  const { committed, plan, environment, imageReference } = options;
  const workload = withEnvironment(workloadUnder(committed), environment);
  const current = { ...workload, image: imageReference ?? workload.image };
  const learned = await learnWorkload(session, { workload: current, plan });
  const { profile } = learned;
  const derived = derivation(learned, committed.profile).strategy;
  const found = newWrites(profile.records, committed, derived);
  const { verdict } = await verifyStrategy(session, {
    strategy: committed,
    baseline: profile,
    plan,
    minimal: false,
    environment,
    imageReference: current.image,
  });
  return {
    outcome: found.length === 0 && verdict.outcome === "passed" ? "passed" : "failed",
    newWrites: found,
    unused: unusedEntries(profile.records, committed),
    verdict,
    incomplete: profile.header.incomplete,
    learned,
  };
}
