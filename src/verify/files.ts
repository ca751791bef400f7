import { dirname, join } from "node:path";
import { learnWorkload } from "../learn/learn.ts";
import { readText } from "../learn/read-text.ts";
import { readProfile } from "../learn/profile-file.ts";
import type { Session } from "../learn/session.ts";
import type { TestPlan } from "../learn/test-plan.ts";
import { keepOld } from "../learn/write-learned.ts";
import { writeWhole } from "../learn/write-whole.ts";
import { PetrifyError } from "../model/errors.ts";
import type { Profile } from "../model/profile.ts";
import type { Strategy } from "../model/strategy.ts";
import { workloadUnder } from "../strategy/settings.ts";
import { addVerifiedDigest, formatStrategy, parseStrategy } from "../strategy/file.ts";
import { type Environment, type Verified, withEnvironment } from "./verify.ts";

/** Reads a strategy file. Throws E_STRATEGY_NOT_FOUND, E_STRATEGY_INVALID, E_IO. */
export async function loadStrategy(file: string): Promise<Strategy> {
  return parseStrategy(await readStrategyText(file), file);
}

async function readStrategyText(file: string): Promise<string> {
  return readText(file, {
    noun: "strategy",
    missing: "E_STRATEGY_NOT_FOUND",
    invalid: "E_STRATEGY_INVALID",
    hints: {
      missing: "Make it with `petrify learn IMAGE`.",
      noFile: "Name the NAME.strategy.yaml that `petrify learn` wrote.",
    },
  });
}

/** The profile that the strategy names; learned first, and said so, when it is absent. Throws E_PROFILE_INVALID, E_PROFILE_MISMATCH, and what learning throws. */
export async function loadBaseline(
  session: Session,
  file: string,
  strategy: Strategy,
  plan: TestPlan,
  environment: Environment,
): Promise<Profile> {
  const profileFile = join(dirname(file), strategy.profile.file);
  try {
    return await readProfile(profileFile, strategy.profile.sha256);
  } catch (error) {
    if (!(error instanceof PetrifyError) || !isMissing(error.cause)) throw error;
  }
  session.progress.note(`${profileFile} does not exist: learning first`);
  const workload = withEnvironment(workloadUnder(strategy), environment);
  return (await learnWorkload(session, { workload, plan })).profile;
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

/**
 * Notes in the file on which image it was verified, by a splice that leaves every other byte alone. What `--minimal` found
 * needless is taken out; then the old file stays beside the new one, and its path is returned. A run that was not observed
 * completely proves nothing: it is not noted, and takes nothing out.
 */
export async function saveVerified(file: string, verified: Verified): Promise<string | undefined> {
  const { verdict, image, reduced, complete } = verified;
  if (verdict.outcome === "failed") return undefined;
  const text = await readStrategyText(file);
  const isReduced =
    complete && reduced !== undefined && reduced.entries.length < parseStrategy(text, file).entries.length;
  const keptAs = isReduced ? await keepOld(file) : undefined;
  const changed = isReduced ? formatStrategy(reduced) : text;
  const noted = complete ? addVerifiedDigest(changed, image.repoDigests[0] ?? image.id) : changed;
  if (noted !== text) await writeWhole(file, noted);
  return keptAs;
}
