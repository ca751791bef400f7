/** What enforcement changes in a case's output, and why it must. */
export interface Intended {
  readonly why: string;
  /** `-`: direct alone has this line, `+`: the guard alone. */
  readonly lines: readonly string[];
}

/** Every difference that enforcement may make; any other one is a failure. By name of the case. */
export const INTENDED: Readonly<Record<string, Intended>> = {};
