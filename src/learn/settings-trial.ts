import type { EnvEntry, Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { type Candidate, candidates, isWritten, saves, withoutPlaces } from "../strategy/candidates.ts";
import { deriveStrategy, type DeriveInput } from "../strategy/derive.ts";
import { withSettings } from "../strategy/settings.ts";
import { mergeProfiles } from "./fold/merge.ts";
import type { Learned } from "./learned.ts";
import { type Attempt, endsAsBefore, provenTogether, unlessItFails } from "./trial.ts";

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
  const dropped: string[] = [];
  const kept = await provenTogether(candidates(inputOf(learned), options.imageEnv), {
    attempt: (tried) => attempt(learned, tried, options),
    onDropped: ({ setting }, because) => dropped.push(`${textOf(setting)} was tried and not kept: ${because}`),
  });
  return withNotes(kept ?? learned, dropped);
}

async function attempt(
  learned: Learned,
  tried: readonly Candidate[],
  options: TrialOptions,
): Promise<Attempt<Candidate, Learned>> {
  const settings = tried.map(({ setting }) => setting);
  options.note(`trying ${settings.map(textOf).join(", ")} in one more run`);
  const run = await unlessItFails(() => options.learn(withSettings(learned.workload, settings)));
  if (run === undefined) return { failing: [], because: "the test fails with it" };
  if (!endsAsBefore(run, learned)) return { failing: [], because: "something ends otherwise with it" };
  const failing = tried.filter(({ places }) => isWritten(places, run.profile.records));
  if (failing.length > 0) return { failing, because: "the same is written with it" };
  const united = unite(learned, run, tried);
  return saves(strategyOf(united), strategyOf(learned))
    ? { kept: united }
    : { failing: [], because: "something else is written with it" };
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
