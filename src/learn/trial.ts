import { PetrifyError } from "../model/errors.ts";
import type { Learned } from "./learned.ts";

/** What became of a trial: what was learned with all that was tried, or who is at fault; nobody when that cannot be told. */
export type Attempt<C, R> = { readonly kept: R } | { readonly failing: readonly C[]; readonly because: string };

export interface Trial<C, R> {
  readonly attempt: (tried: readonly C[]) => Promise<Attempt<C, R>>;
  readonly onDropped: (candidate: C, because: string) => void;
}

/**
 * What works of the candidates, together: all are tried at once, and what fails is left out until the rest works; undefined when
 * none does. Who is at fault when that cannot be told is found by trying each alone, and what passes then is tried together.
 */
export async function provenTogether<C, R>(
  all: readonly C[],
  { attempt, onDropped }: Trial<C, R>,
): Promise<R | undefined> {
  let left = all;
  while (left.length > 0) {
    const tried = await attempt(left);
    if ("kept" in tried) return tried.kept;
    const alone = tried.failing.length === 0 && left.length > 1 ? await failingAlone(left, attempt) : undefined;
    const failing = alone ?? (tried.failing.length === 0 ? left : tried.failing);
    const dropped = failing.length === 0 ? left : failing;
    for (const candidate of dropped) onDropped(candidate, tried.because);
    left = left.filter((candidate) => !dropped.includes(candidate));
  }
  return undefined;
}

async function failingAlone<C, R>(all: readonly C[], attempt: Trial<C, R>["attempt"]): Promise<readonly C[]> {
  const failing: C[] = [];
  for (const one of all) if (!("kept" in (await attempt([one])))) failing.push(one);
  return failing;
}

/** Undefined when the workload does not work in the run. Throws what a run throws, but for that. */
export async function unlessItFails(run: () => Promise<Learned>): Promise<Learned | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof PetrifyError && (error.code === "E_TEST_FAILED" || error.code === "E_NOT_READY"))
      return undefined;
    throw error;
  }
}

/** Whether every phase ended as it did before, as far as was seen. */
export function endsAsBefore({ profile }: Learned, before: Learned): boolean {
  const { incomplete, coverage } = profile.header;
  return (
    JSON.stringify(coverage.phases) === JSON.stringify(before.profile.header.coverage.phases) &&
    // What was not seen completely is no proof.
    incomplete.every((reason) => before.profile.header.incomplete.includes(reason))
  );
}
