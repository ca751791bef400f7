/**
 * A key as Go's encoding/json compares it with the names of fields when none is equal: letters in one case, with the two that
 * Unicode folds onto ASCII, U+017F (long s) and U+212A (Kelvin sign). Source: Go's encoding/json, fold.go (foldFunc, foldName);
 * the names of all fields here are ASCII, for which both give the same.
 */
export function foldKey(key: string): string {
  if (PLAIN.test(key)) return key.toLowerCase();
  return key
    .replaceAll("\u017F", "s")
    .replaceAll("\u212A", "k")
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Of these, all that has a case is A-Z. */
const PLAIN = /^[ -~]*$/;
