import type { PathRecord } from "../../model/profile.ts";
import { isWithin } from "./rules.ts";

/** A log that is one line longer in the second run must not change the profile: below this, all sizes are one class. */
export const SIZE_FLOOR_BYTES = 64 * 1024;

/** Size rounded up to a power of two, at least SIZE_FLOOR_BYTES. */
export function sizeClass(sizeBytes: number): number {
  let result = SIZE_FLOOR_BYTES;
  while (result < sizeBytes) result *= 2;
  return result;
}

/**
 * Upper bound of what was stored below `directory` at one time: the sum over its topmost records, each of which holds its own peak.
 * Needed for directories that have no record, because the image ships them.
 */
export function peakBytesUnder(records: readonly PathRecord[], directory: string): number {
  let sum = 0;
  const counted: string[] = [];
  for (const { path, type, sizeClassBytes } of records.toSorted((a, b) => a.path.length - b.path.length)) {
    if (!isWithin(path, directory) || counted.some((above) => isWithin(path, above))) continue;
    sum += sizeClassBytes;
    if (type === "dir" && sizeClassBytes > 0) counted.push(path);
  }
  return sum;
}
