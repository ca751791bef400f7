/** What a run of Petrify's own sees in any case, and an observation of something that exists only by chance. */
export interface Seen {
  /** From its first instruction on. */
  readonly start: boolean;
  readonly restart: boolean;
  readonly test: boolean;
}

const REASONS: Readonly<Record<keyof Seen, string>> = {
  start: "its start was not observed: of the time before, only what it left in its writable layer is known",
  restart: "no restart was observed: what it reads back after one is not known",
  test: "no test was run: what nobody used meanwhile was not observed",
};
const ALL: ReadonlySet<string> = new Set(Object.values(REASONS));

/** Why an observation that saw only this is not complete. */
export function unseen(seen: Seen): readonly string[] {
  return (Object.keys(REASONS) as (keyof Seen)[]).filter((what) => !seen[what]).map((what) => REASONS[what]);
}

/** Whether a profile with these reasons knows of the workload's start only what it left. */
export function missesStart(reasons: readonly string[]): boolean {
  return reasons.includes(REASONS.start);
}

/** Whether that nothing was tested is among the reasons already. */
export function missesTest(reasons: readonly string[]): boolean {
  return reasons.includes(REASONS.test);
}

/** Sorted: the reasons of both runs, without those for what one of them did see. */
export function mergeReasons(a: readonly string[], b: readonly string[]): readonly string[] {
  const all = [...new Set([...a, ...b])];
  return all.filter((reason) => !ALL.has(reason) || (a.includes(reason) && b.includes(reason))).toSorted();
}
