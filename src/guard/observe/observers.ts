import type { Decided, Observer } from "./observer.ts";

/** Tells each of them. */
export class Observers implements Observer {
  readonly #all: readonly Observer[];

  constructor(...all: readonly Observer[]) {
    this.#all = all;
  }

  decided(decision: Decided): void {
    for (const one of this.#all) one.decided(decision);
  }
}
