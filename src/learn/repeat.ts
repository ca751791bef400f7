import { PetrifyError } from "../model/errors.ts";
import { mergeCoverage } from "./coverage.ts";
import { derivation } from "./derivation.ts";
import { mergeProfiles } from "./fold/merge.ts";
import type { Learned, RunGain } from "./learned.ts";

export interface RepeatOptions {
  /** At most so many runs. */
  readonly runs: number;
  /** Ends after so many runs in a row that changed nothing of the strategy. Absent: all runs are made. */
  readonly untilUnchanged?: number;
  /** Told after each run. */
  readonly onRun?: (number: number, gain: RunGain) => void;
}

/**
 * What several runs of one workload say together, each in containers of its own. A run counts as adding something when the
 * strategy that follows from the union changes: new names where everything may be written already are no news.
 * When `untilUnchanged` is not reached, the profile says so. Throws what `learn` throws.
 */
export async function learnRepeatedly(
  learn: () => Promise<Learned>,
  { runs, untilUnchanged, onRun }: RepeatOptions,
): Promise<Learned> {
  let all: Learned | undefined;
  let strategy = "";
  const gains: RunGain[] = [];
  let unchanged = 0;
  while (gains.length < runs && unchanged < (untilUnchanged ?? Infinity)) {
    const run = await learn();
    const known = new Set(all?.profile.records.map(({ path }) => path));
    all = all === undefined ? run : unite(all, run);
    // The reasons name files: they may change while what follows from them does not.
    const derived = JSON.stringify(derivation(all).strategy.entries.map(({ why: _why, ...entry }) => entry));
    const gain = {
      newPaths: run.profile.records.filter(({ path }) => !known.has(path)).length,
      changedStrategy: derived !== strategy,
    };
    strategy = derived;
    unchanged = gain.changedStrategy ? 0 : unchanged + 1;
    gains.push(gain);
    onRun?.(gains.length, gain);
  }
  if (all === undefined) throw new PetrifyError("E_USAGE", "At least one run is needed.");
  const settled = untilUnchanged === undefined || unchanged >= untilUnchanged;
  return { ...(settled ? all : unsettled(all, gains.length)), runs: gains };
}

function unite(a: Learned, b: Learned): Learned {
  const coverage = [a.coverage, b.coverage].flatMap((one) => one ?? []);
  return {
    ...a,
    profile: mergeProfiles(a.profile, b.profile),
    table: [...a.table, ...b.table],
    notes: [...new Set([...a.notes, ...b.notes])],
    ...(coverage.length === 0 ? {} : { coverage: coverage.reduce(mergeCoverage) }),
  };
}

function unsettled(learned: Learned, runs: number): Learned {
  const { profile } = learned;
  const reason = `its strategy was not stable after ${runs} runs: too few in a row added nothing`;
  const incomplete = [...profile.header.incomplete, reason].toSorted();
  return { ...learned, profile: { ...profile, header: { ...profile.header, incomplete } } };
}
