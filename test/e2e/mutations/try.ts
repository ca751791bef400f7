import { ensureImage } from "../../../demo/images/build.ts";
import { plainWorkload } from "../../../demo/workloads.ts";
import { derivation } from "../../../src/learn/derivation.ts";
import { learnWorkload } from "../../../src/learn/learn.ts";
import type { Learned } from "../../../src/learn/learned.ts";
import type { Session } from "../../../src/learn/session.ts";
import type { Strategy } from "../../../src/model/strategy.ts";
import type { Regression, Verdict } from "../../../src/model/verdict.ts";
import { verifyStrategy } from "../../../src/verify/verify.ts";
import { MUTANT_TEST, type MUTANTS } from "./image.ts";
import type { Mutation } from "./mutations.ts";

const PLAN = { exec: MUTANT_TEST, readyTimeoutMs: 20_000, timeoutMs: 20_000 };

export interface Original {
  readonly learned: Learned;
  readonly strategy: Strategy;
}

/** The right strategy of a mutant's workload. */
export async function learnOriginal(session: Session, { recipe }: (typeof MUTANTS)[number]): Promise<Original> {
  const image = await ensureImage(session.engine, recipe, { onProgress: () => {} });
  const learned = await learnWorkload(session, { workload: plainWorkload(recipe.name, image), plan: PLAN });
  return { learned, strategy: derivation(learned).strategy };
}

/** What verify says of the strategy that a mutation makes; of the right one when there is none. Throws what verify throws. */
export async function verdictOn(
  session: Session,
  { learned, strategy }: Original,
  mutation?: Mutation,
): Promise<Verdict> {
  const { change, runtime } = mutation ?? {};
  const mutant: Strategy = {
    ...strategy,
    entries: change?.(strategy.entries) ?? strategy.entries,
    workload: { ...strategy.workload, ...(runtime === undefined ? {} : { runtime }) },
  };
  const options = { strategy: mutant, baseline: learned.profile, plan: PLAN, minimal: false, environment: {} };
  return (await verifyStrategy(session, options)).verdict;
}

/** Why the rejection is not the expected one; undefined when it is. */
export function shortcoming({ outcome, regressions }: Verdict, { rejection }: Mutation): string | undefined {
  if (outcome === "passed") return "it passed";
  const { kind, errno, under } = rejection;
  const isExpected = (one: Regression): boolean =>
    one.kind === kind &&
    (errno === undefined || one.errno === errno) &&
    (under === undefined || one.path === under || one.path?.startsWith(`${under}/`) === true);
  return regressions.some(isExpected) ? undefined : regressions.map(({ message }) => message).join(" | ");
}
