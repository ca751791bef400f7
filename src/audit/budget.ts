import type { Settings } from "./container.ts";

/** What is said once for many containers, by an anchor or at a pod, is said to each of them: nobody means more than this. */
const MOST_ITEMS = 1_000_000;
/** A container and its findings take as much memory as so many items: 20,000 fit. */
const CONTAINER_ITEMS = 50;

/** What the containers of one text may say together, so that no small text takes all memory. */
export class Budget {
  #left = MOST_ITEMS;

  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Takes a container's settings off; false when there were too many. */
  spend(settings: Settings): boolean {
    this.#left -= CONTAINER_ITEMS + itemsIn(settings);
    return !this.isSpent;
  }
}

/** One sentence for what is not audited then. */
export const OVER_BUDGET = `The containers say more than ${MOST_ITEMS} things together: this one and those behind it were not audited.`;
export const OVER_BUDGET_HINT = "Split the file, or leave out what repeats.";

function itemsIn(settings: Settings): number {
  return Object.values(settings).reduce((sum: number, setting: { readonly value?: unknown } | readonly unknown[]) => {
    const list = "value" in setting ? setting.value : setting;
    return sum + (Array.isArray(list) ? list.length : 1);
  }, 0);
}
