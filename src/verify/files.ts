import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { learnWorkload } from "../learn/learn.ts";
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

/** The parser has its own, lower limit; this one keeps a huge file out of memory. */
const MAX_STRATEGY_BYTES = 16 * 2 ** 20;

async function readStrategyText(file: string): Promise<string> {
  try {
    // A FIFO would block for ever, also against Ctrl-C: the process cannot end while a thread of it waits in open(2).
    const found = await stat(file);
    if (!found.isFile())
      throw new PetrifyError("E_IO", `The strategy ${file} is not a regular file.`, {
        hint: "Name the NAME.strategy.yaml that `petrify learn` wrote.",
      });
    if (found.size > MAX_STRATEGY_BYTES)
      throw new PetrifyError("E_STRATEGY_INVALID", `${file} is larger than any strategy.`, {
        hint: "A strategy is a short text: is this the right file?",
      });
    return decode(await readFile(file), file);
  } catch (cause) {
    if (cause instanceof PetrifyError) throw cause;
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new PetrifyError(
      missing ? "E_STRATEGY_NOT_FOUND" : "E_IO",
      `The strategy ${file} ${missing ? "does not exist" : "cannot be read"}.`,
      {
        hint: missing ? "Make it with `petrify learn IMAGE`." : "Check the path and its permissions.",
        cause,
      },
    );
  }
}

/** The exact text: a byte that is not UTF-8 would not survive being written back. */
function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PetrifyError("E_STRATEGY_INVALID", `${file} is not UTF-8 text.`, {
      hint: "Convert it to UTF-8 first.",
      cause,
    });
  }
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
