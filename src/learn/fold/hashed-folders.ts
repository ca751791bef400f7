import { generaliseName, WILDCARD } from "./names.ts";

/** More levels than any program was seen to use; names of one or two characters, 256 folders in a level at most. */
const MAX_LEVELS = 3;
const LEVEL_NAME = /^[0-9A-Za-z]{1,2}$/;

/**
 * How many folders right above the last of `names` are called by a piece of it, and so by chance when it is an id of chance.
 * Queues and caches spread their files that way: by its first digits (Postfix' `deferred/E/E1A2C4CC0`, Mastodon), or by its last
 * ones (`levels=1:2` of nginx: `c/29/b7f54b2df7773722d382f4809d65029c`).
 */
export function hashedLevels(names: readonly string[]): number {
  const last = names.length - 1;
  if (!LEVEL_NAME.test(names[last - 1] ?? "")) return 0;
  const id = names[last] ?? "";
  // A number may be counted up, and then its folders are no chance.
  if (!/[A-Za-z]/.test(id) || !generaliseName(id).startsWith(WILDCARD)) return 0;
  for (let levels = Math.min(MAX_LEVELS, last); levels > 0; levels--) {
    const folders = names.slice(last - levels, last);
    if (!folders.every((name) => LEVEL_NAME.test(name))) continue;
    if (id.startsWith(folders.join("")) || id.endsWith(folders.toReversed().join(""))) return levels;
  }
  return 0;
}
