import { PetrifyError } from "../model/errors.ts";
import type { EnvEntry, Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { type Candidate, candidates, isWritten, saves, withoutPlaces } from "../strategy/candidates.ts";
import { deriveStrategy, type DeriveInput } from "../strategy/derive.ts";
import { withSettings } from "../strategy/settings.ts";
import { mergeProfiles } from "./fold/merge.ts";
import type { Learned } from "./learned.ts";

export interface TrialOptions {
  /** The image's own variables. */
  readonly imageEnv: readonly string[];
  /** One more run, of this workload. */
  readonly learn: (workload: Workload) => Promise<Learned>;
  /** A sentence on what happens, without its full stop. */
  readonly note: (text: string) => void;
}

/**
 * What was learned, under the settings that save a mount or a denied write: each is tried in a run, and kept only when the writes
 * are gone from their places, everything ends as before, and nothing else is written. Runs nothing when no setting could save
 * anything. Throws what a run throws, but for a test that fails under a setting.
 */
export async function trySettings(learned: Learned, options: TrialOptions): Promise<Learned> {
  let left = candidates(inputOf(learned), options.imageEnv);
  const dropped: string[] = [];
  while (left.length > 0) {
    const tried = await attempt(learned, left, options);
    if ("learned" in tried) return withNotes(tried.learned, dropped);
    // Who is at fault when all were tried at once is found by trying each alone; what passes then is tried together once more.
    const alone = tried.failing.length === 0 && left.length > 1 ? await each(learned, left, options) : undefined;
    const failing = alone ?? (tried.failing.length === 0 ? left : tried.failing);
    const together = failing.length === 0 ? left : failing;
    dropped.push(...together.map(({ setting }) => `${textOf(setting)} was tried and not kept: ${tried.because}`));
    left = left.filter((candidate) => !together.includes(candidate));
  }
  return withNotes(learned, dropped);
}

type Attempt =
  | { readonly learned: Learned }
  /** Those that did not work; empty when it cannot be told. */
  | { readonly failing: readonly Candidate[]; readonly because: string };

async function attempt(learned: Learned, tried: readonly Candidate[], options: TrialOptions): Promise<Attempt> {
  const settings = tried.map(({ setting }) => setting);
  options.note(`trying ${settings.map(textOf).join(", ")} in one more run`);
  const run = await runUnder(learned.workload, settings, options);
  if (run === undefined) return { failing: [], because: "the test fails with it" };
  if (!endsAsBefore(run, learned)) return { failing: [], because: "something ends otherwise with it" };
  const failing = tried.filter(({ places }) => isWritten(places, run.profile.records));
  if (failing.length > 0) return { failing, because: "the same is written with it" };
  const united = unite(learned, run, tried);
  return saves(strategyOf(united), strategyOf(learned))
    ? { learned: united }
    : { failing: [], because: "something else is written with it" };
}

async function each(learned: Learned, all: readonly Candidate[], options: TrialOptions): Promise<readonly Candidate[]> {
  const failing: Candidate[] = [];
  for (const one of all) if (!("learned" in (await attempt(learned, [one], options)))) failing.push(one);
  return failing;
}

/** Undefined when the workload does not work under the settings. */
async function runUnder(
  workload: Workload,
  settings: readonly EnvEntry[],
  { learn }: TrialOptions,
): Promise<Learned | undefined> {
  try {
    return await learn(withSettings(workload, settings));
  } catch (error) {
    if (error instanceof PetrifyError && (error.code === "E_TEST_FAILED" || error.code === "E_NOT_READY"))
      return undefined;
    throw error;
  }
}

function endsAsBefore({ profile }: Learned, before: Learned): boolean {
  const { incomplete, coverage } = profile.header;
  return (
    JSON.stringify(coverage.phases) === JSON.stringify(before.profile.header.coverage.phases) &&
    // What was not seen completely is no proof.
    incomplete.every((reason) => before.profile.header.incomplete.includes(reason))
  );
}

/** All that was seen, but for what the settings made disappear. */
function unite(learned: Learned, run: Learned, tried: readonly Candidate[]): Learned {
  const { profile } = withoutPlaces(
    inputOf(learned),
    tried.flatMap(({ places }) => places),
  );
  const settings = tried.map(({ setting }) => setting).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { ...learned, profile: mergeProfiles(profile, run.profile), settings };
}

function strategyOf(learned: Learned): Strategy {
  return deriveStrategy(inputOf(learned));
}

function inputOf(learned: Learned): DeriveInput {
  return { ...learned, profileReference: { file: "", sha256: "" } };
}

function withNotes(learned: Learned, notes: readonly string[]): Learned {
  return { ...learned, notes: [...learned.notes, ...notes] };
}

function textOf({ name, value }: EnvEntry): string {
  return `${name}=${value}`;
}
