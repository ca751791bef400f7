import type { Errno, Operation } from "./event.ts";
import type { PhaseOutcome } from "./profile.ts";
import type { RefusedEntry } from "./strategy.ts";

/** Result of running a workload read-only under a strategy, compared with the learned baseline. */
export interface Verdict {
  readonly strategy: string;
  readonly imageId: string;
  readonly outcome: "passed" | "failed";
  readonly regressions: readonly Regression[];
  /** Writes that the strategy refuses on purpose and that failed as expected: harmless (`deny`), or to be changed in the image. */
  readonly denied: readonly DeniedWrite[];
  /** What the strategy wants changed in the image, whether the run tried it or not; absent when there is nothing. */
  readonly mustChange?: readonly { readonly path: string; readonly fix: readonly string[] }[];
  readonly phases: readonly PhaseOutcome[];
  /** Why even a pass proves little: incomplete recording, no test. Sorted. */
  readonly caveats: readonly string[];
  /** Only with `--minimal`: entries that were taken away one at a time. */
  readonly minimal?: readonly { readonly path: string; readonly needed: boolean; readonly evidence: string }[];
}

export interface DeniedWrite {
  readonly kind: RefusedEntry["kind"];
  readonly path: string;
  readonly operation: Operation;
  readonly errno: Errno;
}

export interface Regression {
  readonly kind: "operation" | "test" | "exec" | "health" | "exit" | "lost";
  /** One sentence a person can act on. */
  readonly message: string;
  /** What would fix it, one sentence. */
  readonly fix: string;
  readonly operation?: Operation;
  readonly path?: string;
  readonly errno?: Errno;
  readonly process?: string;
}
