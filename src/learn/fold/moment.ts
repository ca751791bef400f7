import type { PhaseName } from "../../model/profile.ts";

/** When something was first tried in a run; exact, therefore no part of a profile. */
export interface Moment {
  readonly phase: PhaseName;
  /** `start` until the workload was up, `up` afterwards, while it was tested and stopped. */
  readonly stage: "start" | "up";
  /** Since the phase's first attempt at a change. */
  readonly afterMs: number;
}

const NS_PER_MS = 1_000_000;

/** Tells moments of the phase that is running. */
export class Clock {
  #phase: PhaseName = "first";
  #stage: Moment["stage"] = "start";
  #startNs: bigint | undefined;

  beginPhase(phase: PhaseName): void {
    this.#phase = phase;
    this.#stage = "start";
    this.#startNs = undefined;
  }

  endStart(): void {
    this.#stage = "up";
  }

  /** An attempt was made; the first of a phase is its zero. */
  see(timeNs: bigint): void {
    this.#startNs ??= timeNs;
  }

  at(timeNs: bigint): Moment {
    // Processors hand over their records in turns: the very first may come a little late.
    const afterMs = Math.max(0, Number(timeNs - (this.#startNs ?? timeNs)) / NS_PER_MS);
    return { phase: this.#phase, stage: this.#stage, afterMs };
  }
}

/** Moments of one run in the order in which they came. */
export function compareMoments(a: Moment, b: Moment): number {
  return ORDER.indexOf(a.phase) - ORDER.indexOf(b.phase) || a.afterMs - b.afterMs;
}
const ORDER: readonly PhaseName[] = ["first", "restart", "replace"];

/** The earlier of two moments, each unknown when undefined. */
export function earlier(a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareMoments(a, b) <= 0 ? a : b;
}
