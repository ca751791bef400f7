import type { Regression } from "../model/verdict.ts";

/** Of all that newly fails without the mount on `target`, the sentence that says most: what failed below it, else the first. */
export function mostTelling(target: string, regressions: readonly Regression[]): string | undefined {
  const below = regressions.find(({ path }) => path === target || path?.startsWith(`${target}/`) === true);
  return (below ?? regressions[0])?.message;
}
