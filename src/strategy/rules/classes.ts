import { basename } from "node:path/posix";
import type { FileType } from "../../model/event.ts";
import { isBelow, isWithin, parentOf } from "../paths.ts";
import { isSupervisorsRecord } from "./supervised.ts";

/** A kind of content that an application makes anew, with what to call it and how much room it gets at least. */
export interface EphemeralClass {
  /** How a reader would call the content. */
  readonly noun: string;
  readonly floorBytes: number;
  /** Written in bulk, and as useful on disk: the first to leave when memory is short. */
  readonly mayLieOnDisk?: true;
}

const MIB = 2 ** 20;
/** Floors leave room for what a test does not reach: a burst of log lines, an upload, a sort that spills. */
const RUN: EphemeralClass = { noun: "run-time files that are made anew at each start", floorBytes: 16 * MIB };
const TEMPORARY: EphemeralClass = { noun: "temporary files", floorBytes: 64 * MIB, mayLieOnDisk: true };
const LOG: EphemeralClass = { noun: "log files", floorBytes: 64 * MIB };
const CACHE: EphemeralClass = { noun: "a cache that can be made anew", floorBytes: 64 * MIB, mayLieOnDisk: true };
const SESSIONS: EphemeralClass = { noun: "sessions", floorBytes: 64 * MIB };
/** What the profile shows to be replaced by each start. */
export const RENEWED: EphemeralClass = { noun: "files that are made anew at each start", floorBytes: 16 * MIB };
/** For what no rule names: directories, sockets and files that came and went. */
export const PASSING: EphemeralClass = { noun: "nothing that lasts", floorBytes: 16 * MIB };

/**
 * Directories whose content is lost at will by definition, whatever a program does there.
 * Source: FHS 3.0 sections 3.15 (/run), 3.18 (/tmp), 5.5 (/var/cache), 5.9 (/var/lock), 5.10 (/var/log), 5.15 (/var/tmp);
 * /var/tmp outlives a reboot, but not a container. /var/spool is data (5.14).
 */
const BY_DIRECTORY: readonly (readonly [string, EphemeralClass])[] = [
  ["/run", RUN],
  ["/var/run", RUN],
  ["/var/lock", RUN],
  ["/tmp", TEMPORARY],
  ["/var/tmp", TEMPORARY],
  ["/var/log", LOG],
  ["/var/cache", CACHE],
  ["/.cache", CACHE],
];

/** Directories of which the same is a habit: visitors bear a new session, and a session that is read back after a restart is kept. */
const BY_HABIT: readonly (readonly [string, EphemeralClass])[] = [
  ["/var/lib/php/sessions", SESSIONS],
  ["/var/lib/php/session", SESSIONS],
];

/**
 * Names that say the same of a directory elsewhere: a habit, not a rule. A file that is read back after a restart outweighs it
 * (Kafka keeps its data in `logs`), but for a cache: to be read again is what it is for.
 * Source: XDG Base Directory Specification ($XDG_CACHE_HOME); the layouts of Tomcat, Jetty, npm, pip, Rails.
 */
const BY_NAME: Readonly<Record<string, EphemeralClass>> = {
  ".cache": CACHE,
  cache: CACHE,
  ".npm": CACHE,
  ".yarn": CACHE,
  __pycache__: CACHE,
  tmp: TEMPORARY,
  temp: TEMPORARY,
  ".tmp": TEMPORARY,
  log: LOG,
  logs: LOG,
};

/** Directories that are ephemeral as a whole: the mount goes on them, not on what a program makes in them. */
export const EPHEMERAL_BASES: ReadonlySet<string> = new Set(["/run", "/tmp", "/var/tmp"]);

/** Files that mean nothing once their process is gone. */
const PASSING_FILE = /(?:^|[._-])(?:pid|lock|lockfile|lck|sock|socket|swp)(?:\.(?:\d+|\*))?$|^LOCK$|^\.s\.PGSQL\./;
/** Directories of such files, whatever the files are called (Postfix: `pid/unix.cleanup`). */
const PASSING_DIRECTORY = /^(?:pids?|locks?)$/;
const PASSING_TYPES: ReadonlySet<FileType> = new Set(["dir", "socket", "fifo", "device"]);

export interface Classification {
  readonly class: EphemeralClass;
  /** Read back or not, the content is not kept. */
  readonly certain: boolean;
}

/**
 * What waits here to be processed is data even when a test saw it come and go: a queue that is lost is mail or print jobs lost.
 * Source: FHS 3.0 sections 5.11 (/var/mail) and 5.14 (/var/spool).
 */
const QUEUES: readonly string[] = ["/var/spool", "/var/mail"];

export function isQueued(path: string): boolean {
  return QUEUES.some((directory) => isBelow(path, directory));
}

/** Whether the path is in a directory that every system keeps for what may be lost. */
export function isMeantToBeLost(path: string): boolean {
  return ruleOf(path) !== undefined;
}

function ruleOf(path: string): (typeof BY_DIRECTORY)[number] | undefined {
  return BY_DIRECTORY.find(([directory]) => isWithin(path, directory));
}

/** The ephemeral class of what lies at `path` (or of the directory `path`), by the directories on the way; undefined when it may be data. */
export function classify(path: string): Classification | undefined {
  const rule = ruleOf(path);
  if (rule !== undefined) return { class: rule[1], certain: true };
  const habit = BY_HABIT.find(([directory]) => isWithin(path, directory));
  if (habit !== undefined) return { class: habit[1], certain: false };
  for (let directory = path; directory !== "/"; directory = parentOf(directory)) {
    const name = basename(directory);
    const byName = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
    if (byName !== undefined) return { class: byName, certain: byName === CACHE };
  }
  return undefined;
}

/** Whether a file means nothing once its process is gone, by type and name. */
export function isPassing(path: string, type: FileType): boolean {
  return (
    PASSING_TYPES.has(type) ||
    PASSING_FILE.test(basename(path)) ||
    PASSING_DIRECTORY.test(basename(parentOf(path))) ||
    isSupervisorsRecord(path)
  );
}
