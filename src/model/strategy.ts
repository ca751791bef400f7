import type { Workload } from "./workload.ts";

/**
 * The data writing strategy of a workload: where it may write while its root is read-only, and why.
 * It holds no counts and no times, so that learning twice gives the same bytes.
 */
export interface Strategy {
  readonly name: string;
  readonly fits: StrategyFit;
  /**
   * The run that was learned, so that verify and export can repeat it. A workload fits when its repository is in `fits`
   * and its entrypoint, command, user and working directory are these. Values of variables whose names look secret are
   * left out (`NAME` without `=`): the file is meant to be committed. In the file, fields with their default are not written.
   */
  readonly workload: Workload;
  /**
   * A partial seal: only these paths are read-only, and the root stays writable; mounts below them keep their own say. Sorted.
   * Absent: the whole root is read-only.
   */
  readonly readOnlyPaths?: readonly string[];
  /** Sorted by path. */
  readonly entries: readonly StrategyEntry[];
  /** Sorted by name; absent when there are none. In the file they are among the entries. */
  readonly settings?: readonly EnvEntry[];
  /** Sorted by path; absent when there are none. In the file they are among the entries. Each lies in a seeded mount. */
  readonly logs?: readonly LogEntry[];
  readonly profile: ProfileReference;
  /** Sorted. Why the profile is not complete; empty when it is. A strategy with reasons here is never called safe. */
  readonly incomplete: readonly string[];
  /**
   * What exercised the workload: `{kind:"command"}`, `{kind:"probe"}` (its pages were asked for), `{kind:"healthcheck"}`,
   * `{kind:"none"}` (nothing was tested), or `{kind:"external"}`: what had started it did, and verify cannot repeat that.
   */
  readonly test: StrategyTest;
  /** Image ids or repository digests on which `verify` succeeded; sorted. */
  readonly verifiedOn: readonly string[];
}

export interface StrategyFit {
  /** Image repositories without tag and digest, normalised as Docker does (`docker.io/library/nginx`). */
  readonly repositories: readonly string[];
}

export interface ProfileReference {
  /** File name beside the strategy. */
  readonly file: string;
  readonly sha256: string;
}

export interface StrategyTest {
  readonly kind: "command" | "external" | "probe" | "healthcheck" | "none";
  readonly command?: string;
  readonly exec?: string;
  /** Sent after the test, in this order: `SIGHUP`. */
  readonly signals?: readonly string[];
}

/** Says what becomes of writes at one place. */
export type StrategyEntry = MountEntry | RefusedEntry;
/** Lets be written. */
export type MountEntry = TmpfsEntry | SeededEntry | ScratchEntry | VolumeEntry | BindEntry;
/** Stays refused by the read-only root. */
export type RefusedEntry = DenyEntry | ImageEntry;

/** A variable that makes writes disappear, or moves them to a mount that is there anyway: tried, and found to work. */
export interface EnvEntry {
  readonly kind: "env";
  readonly name: string;
  readonly value: string;
  /** Sorted: where nothing is written any more; each may hold a `*`, as in `deny`. */
  readonly paths: readonly string[];
  readonly why: string;
}

/** A stream of the container's first process, which the engine keeps as the container's log. */
export type LogStream = "stdout" | "stderr";

/** A log file that can be a link to a stream: tried, and found to work. The mount around it starts with the link. */
export interface LogEntry {
  readonly kind: "log";
  readonly path: string;
  readonly stream: LogStream;
  readonly why: string;
}

interface EntryBase {
  /** Absolute path in the container, no symlink on the way. For `deny` and `image` it may hold a `*`. */
  readonly path: string;
  /** One sentence: who writes what there, and why this kind. */
  readonly why: string;
}

/** A mount whose content nobody needs once the container is gone, with its bound, its owner and whether code in it may run. */
interface ForgottenEntry extends EntryBase {
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly exec: boolean;
}

/** Starts empty, in memory, and is forgotten with the container. */
export interface TmpfsEntry extends ForgottenEntry {
  readonly kind: "tmpfs";
}

/** Starts with what the image has there, and is forgotten with the container. */
export interface SeededEntry extends ForgottenEntry {
  readonly kind: "seeded";
}

/** May write, on disk, forgotten with the container: for what is too large for memory. */
export interface ScratchEntry extends ForgottenEntry {
  readonly kind: "scratch";
}

export interface VolumeEntry extends EntryBase {
  readonly kind: "volume";
  /** Persistent data is proven (`read back after a restart`), declared (VOLUME), assumed, or given by the user. */
  readonly reason: "readBack" | "declared" | "assumed" | "given";
  /** The image has content there: the volume starts as a copy of it. */
  readonly seeded: boolean;
  /** Name the user gave with `-v name:path`. */
  readonly source?: string;
  readonly driver?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Owner and mode of the directory in the image or as the application made it; engines apply them to a new volume only when the image has the directory. */
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Whether code in it may be run; engines that cannot forbid it let it. In a file that does not say, it may. */
  readonly exec: boolean;
}

export interface BindEntry extends EntryBase {
  readonly kind: "bind";
  readonly source: string;
  readonly readOnly: boolean;
}

interface RefusedBase extends EntryBase {
  /** Operations that the read-only root refuses there, e.g. `["open"]`. */
  readonly operations: readonly string[];
}

/** Does no harm: a cache that is made anew, a time stamp, what came and went. */
export interface DenyEntry extends RefusedBase {
  readonly kind: "deny";
}

/** Lasting, and no mount can be there: the image must be changed, or the application does without. */
export interface ImageEntry extends RefusedBase {
  readonly kind: "image";
  /** Lines of a Dockerfile that would do; words in angle brackets are for a person to fill in. */
  readonly fix: readonly string[];
}
