import type { Errno, FileType, LossCounters, Operation } from "./event.ts";
import type { ImageNames, TreeAnswer } from "./image.ts";
import type { EnvEntry, LogEntry, StrategyTest } from "./strategy.ts";
import type { Workload } from "./workload.ts";

/**
 * Write events folded per path over the phases of one or more runs.
 * A profile repeats: it holds no time, pid, exact count or exact size (see docs/adr/0002), so the same behaviour gives the same bytes.
 */
export interface Profile {
  readonly header: ProfileHeader;
  /** Sorted by path. */
  readonly records: readonly PathRecord[];
  /** Absent until a strategy has been derived: only then is it known what of the image matters. */
  readonly subject?: Subject;
}

/** What a strategy is derived from beside the records, so that it can be derived again without the image. */
export interface Subject {
  /** Without secrets, as in the strategy. */
  readonly workload: Workload;
  readonly image: Pick<ImageNames, "repoTags" | "volumes">;
  readonly test: StrategyTest;
  /** Under which the run was made, beside the workload's own; absent when there are none. */
  readonly settings?: readonly EnvEntry[];
  /** Log files that were tried as links to the container's log; absent when there are none. */
  readonly logs?: readonly LogEntry[];
  /** What the derivation asked of the image's content; sorted by path. */
  readonly tree: readonly TreeAnswer[];
}

export interface ProfileHeader {
  readonly name: string;
  readonly image: { readonly reference: string; readonly id: string; readonly repoDigests: readonly string[] };
  readonly sensor: "bpf" | "strace" | "diff" | "none";
  readonly engine: { readonly kind: string; readonly runtime: string };
  /** Sorted; empty means complete. */
  readonly incomplete: readonly string[];
  readonly loss: LossCounters;
  readonly coverage: Coverage;
}

export interface Coverage {
  readonly phases: readonly PhaseOutcome[];
  /** `80/tcp`, sorted: sockets seen listening. */
  readonly listening: readonly string[];
}

export type PhaseName = "first" | "restart" | "replace";

export interface PhaseOutcome {
  readonly phase: PhaseName;
  /** Exit code of the test command; absent when there was none. */
  readonly test?: number;
  /** Exit code of the `--exec` command; absent when there was none. */
  readonly exec?: number;
  /** The HTTP probe, where no test was given and a port speaks HTTP: every page was answered, or one failed (status 500 and above). */
  readonly probe?: "answered" | "failed";
  readonly health?: "healthy" | "unhealthy" | "none";
  /** The container ended by itself, with this code, before it was stopped. */
  readonly exitedEarly?: number;
}

/** What happened at one path (or at all paths that one pattern stands for). */
export interface PathRecord {
  /** Absolute; variable parts of names (pids, random suffixes, dates) are replaced by `*`. */
  readonly path: string;
  /** Mount point the path is on; `/` is the root file system. */
  readonly mount: string;
  readonly mountType: string;
  /** Last seen type of what is there. */
  readonly type: FileType;
  /** Operations that succeeded at least once, sorted. */
  readonly done: readonly Operation[];
  /** Operations that failed at least once, with the errno; sorted. */
  readonly failed: readonly { readonly operation: Operation; readonly errno: Errno }[];
  /** Executables (path in the container) that did it, sorted. */
  readonly by: readonly string[];
  readonly uids: readonly number[];
  /** Made during the run (did not exist in the image at the start). */
  readonly created: boolean;
  /** Made by a call that needs nothing but its directory (an open with O_CREAT, mkdir, a rename to it), and nothing needed it before that: an empty directory is enough. */
  readonly createsItself: boolean;
  /** Was there when a phase of the run ended. Not told of what means nothing without its process (pid and lock files, sockets, /run, /tmp). */
  readonly survived: boolean;
  /** Written before a restart and opened for reading after it. */
  readonly readBack: boolean;
  /**
   * Made anew at each start: what one run left was replaced as a whole or removed, unread, while the next one started, and nothing
   * changed it while the workload was up. Only told of single paths.
   */
  readonly renewed: boolean;
  /**
   * Made again, alike, by a fresh start that nothing was asked of: neither the test nor the restart left anything in it. Absent when
   * it was not, and when nobody tried.
   */
  readonly regenerated?: true;
  /** Executed or mapped executable. */
  readonly executed: boolean;
  /**
   * Largest apparent size seen, rounded up to a power of two, at least 64 KiB; 0 for what has no content.
   * Of a directory or a pattern: the most that was there at one time (see `peakBytesUnder` in learn/fold/size.ts for directories without a record).
   */
  readonly sizeClassBytes: number;
  /** Renamed to or linked as; sorted. Both ends must stay on one mount. */
  readonly movesTo: readonly string[];
  /** Owner and mode found when the run ended; absent when it was gone, and where `survived` is not told. */
  readonly owner?: { readonly uid: number; readonly gid: number; readonly mode: number };
}
