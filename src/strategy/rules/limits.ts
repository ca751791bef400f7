/** From this many siblings on, one volume on their parent is easier to review and to back up than one on each. */
export const SIBLINGS_TO_MERGE = 3;

/** More shipped directories than this under one mount are not mounted again one by one: the mount is seeded instead. */
export const MOUNTS_TO_RESTORE = 8;

/** From this many denied names in one directory on, one entry stands for all. */
export const DENIED_TO_FOLD = 8;

/** Who asks of so many paths whether it may write to them, and writes to none, asks of everything: an installer's list of places is shorter. */
export const ASKED_BY_HABIT = 32;

/** Room beyond the largest use seen: a test sees less than production. */
export const SIZE_HEADROOM = 2;

/** The smallest file occupies a page of memory on a tmpfs. */
export const PAGE_BYTES = 4096;
