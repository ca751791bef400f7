import type { Errno, FileType, Operation, ProcessRef } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { earlier, type Moment } from "./moment.ts";
import { canHoldData } from "./rules.ts";
import { WILDCARD } from "./names.ts";
import { sizeClass } from "./size.ts";

/** Content that the run put at one exact path and that is still there. */
export interface LiveContent {
  sizeBytes: number;
  /** Written to this inode so far. */
  writtenBytes: number;
  /** Number of the phase in which the content was last replaced as a whole. */
  phase: number;
}

export type Owner = NonNullable<PathRecord["owner"]>;

/** A set of names keeps its smallest ones: whatever order they come in, the same ones stay. */
const MAX_NAMES = 32;

/** Done to a name; content that moves away does not take it along. */
const OF_THE_NAME: ReadonlySet<Operation> = new Set(["unlink", "rmdir", "access"]);

/** All that is known of one path, or of all paths that one pattern stands for. */
export class PathState {
  mount = "/";
  mountType = "";
  type: FileType | undefined;
  readonly done = new Set<Operation>();
  /** `operation errno`. */
  readonly failed = new Set<string>();
  readonly by = new Set<string>();
  readonly uids = new Set<number>();
  /** The run made it. */
  made = false;
  /** It was there before the run made anything. */
  shipped = false;
  /** A call that makes what is missing was used: an open with O_CREAT, mkdir, a rename to it. */
  wantedCreate = false;
  /** A call needed it to exist before the run had made it. */
  neededExisting = false;
  /** Removed or moved away last. */
  gone = false;
  survived = false;
  readBack = false;
  /** Left by one run, and discarded unread by the start of the next. */
  renewed = false;
  changedWhileUp = false;
  /** After the first run somebody opened it for writing, changed, replaced or removed it, or asked whether he may. */
  touchedSince = false;
  executed = false;
  maxSizeBytes = 0;
  /** Only used while no size was ever given. */
  maxWrittenBytes = 0;
  owner: Owner | undefined;

  /** By exact path: what the run wrote and did not remove. Undefined while there is nothing. */
  live: Map<string, LiveContent> | undefined;
  /** Paths that were alive beyond what the fold can keep apart, and the phase of the oldest. */
  untracked = 0;
  untrackedSince = Number.POSITIVE_INFINITY;

  /** For the terminal table only. */
  events = 0;
  bytes = 0;
  first: Moment | undefined;
  readonly processes = new Map<string, number>();

  /** `by` is undefined when nobody saw the process: then only its result is known, and nothing is counted. */
  note(by: string | undefined, { uid }: ProcessRef): void {
    addSmallest(this.uids, uid);
    if (by === undefined) return;
    this.events++;
    addSmallest(this.by, by);
    this.#count(by, 1);
  }

  enlarge(sizeBytes: number): void {
    this.maxSizeBytes = Math.max(this.maxSizeBytes, sizeBytes);
  }

  fail(operation: Operation, errno: Errno): void {
    this.failed.add(`${operation} ${errno}`);
  }

  /** Takes on what was done to content that has moved here. */
  take(other: PathState): void {
    for (const operation of other.done) if (!OF_THE_NAME.has(operation)) this.done.add(operation);
    for (const by of other.by) addSmallest(this.by, by);
    for (const uid of other.uids) addSmallest(this.uids, uid);
    if (other.type !== undefined) this.type = other.type;
    this.executed ||= other.executed;
    this.touchedSince ||= other.touchedSince;
    this.enlarge(other.maxSizeBytes);
    this.maxWrittenBytes = Math.max(this.maxWrittenBytes, other.maxWrittenBytes);
    this.made = true;
    this.wantedCreate = true;
  }

  /** Becomes the state of both paths. */
  absorb(other: PathState): void {
    const type = this.type === undefined ? other.type : strongerType(this.type, other.type ?? this.type);
    const { made, wantedCreate } = this;
    this.take(other);
    this.type = type;
    this.made = made || other.made;
    this.wantedCreate = wantedCreate || other.wantedCreate;
    for (const operation of other.done) this.done.add(operation);
    for (const failure of other.failed) this.failed.add(failure);
    this.setMount(other.mount, other.mountType);
    this.shipped ||= other.shipped;
    this.neededExisting ||= other.neededExisting;
    this.gone &&= other.gone;
    this.survived ||= other.survived;
    this.readBack ||= other.readBack;
    this.renewed &&= other.renewed;
    this.changedWhileUp ||= other.changedWhileUp;
    this.touchedSince ||= other.touchedSince;
    this.owner = smallerOwner(this.owner, other.owner);
    this.untracked += other.untracked;
    this.untrackedSince = Math.min(this.untrackedSince, other.untrackedSince);
    if (this.live === undefined) this.live = other.live;
    else for (const [path, content] of other.live ?? []) this.live.set(path, content);
    this.events += other.events;
    this.bytes += other.bytes;
    this.first = earlier(this.first, other.first);
    for (const [by, count] of other.processes) this.#count(by, count);
  }

  #count(by: string, events: number): void {
    const known = this.processes.get(by);
    if (known !== undefined || this.processes.size < MAX_NAMES) this.processes.set(by, (known ?? 0) + events);
  }

  /** A path seen on more than one mount is on the innermost one. */
  setMount(target: string, fsType: string): void {
    const known = this.mountType !== "";
    if (known && (this.mount.length > target.length || (this.mount === target && this.mountType >= fsType))) return;
    this.mount = target;
    this.mountType = fsType;
  }

  /** Made by the first run, and left alone by those that followed. */
  get isMadeOnce(): boolean {
    return this.made && !this.shipped && this.survived && !this.touchedSince;
  }

  get isAlive(): boolean {
    return (this.live !== undefined && this.live.size > 0) || this.untracked > 0;
  }

  toRecord(path: string, peakBytes: number, hasContent: boolean, movesTo: readonly string[]): PathRecord {
    const type = this.type ?? "other";
    // Whether a daemon that is stopped still removes its pid file is a race, and nothing depends on it.
    const told = type === "dir" || !this.made || this.shipped || canHoldData(path, type);
    const size = Math.max(peakBytes, this.maxSizeBytes === 0 ? this.maxWrittenBytes : this.maxSizeBytes);
    return {
      path,
      mount: this.mount,
      mountType: this.mountType === "" ? "unknown" : this.mountType,
      type,
      done: [...this.done].toSorted(),
      failed: [...this.failed].toSorted().map(parseFailure),
      by: [...this.by].toSorted(),
      uids: [...this.uids].toSorted((a, b) => a - b),
      created: this.made && !this.shipped,
      createsItself: this.wantedCreate && !this.neededExisting,
      survived: this.survived && told,
      readBack: this.readBack,
      // Of the many files of a pattern, others may have been left alone.
      renewed: this.renewed && !this.changedWhileUp && !this.readBack && !path.includes(WILDCARD),
      executed: this.executed,
      sizeClassBytes: hasContent ? sizeClass(size) : 0,
      movesTo,
      ...(this.owner === undefined || !told ? {} : { owner: this.owner }),
    };
  }
}

function parseFailure(text: string): { readonly operation: Operation; readonly errno: Errno } {
  const [operation, errno] = text.split(" ") as [Operation, Errno];
  return { operation, errno };
}

/** Of several types that one pattern stands for: the one that decides most about a mount. */
const TYPE_STRENGTH: readonly FileType[] = ["other", "symlink", "device", "fifo", "socket", "file", "dir"];

export function strongerType(a: FileType, b: FileType): FileType {
  return TYPE_STRENGTH.indexOf(a) >= TYPE_STRENGTH.indexOf(b) ? a : b;
}

/** Of several owners under one pattern: the same one in whatever order they are met. */
export function smallerOwner(a: Owner | undefined, b: Owner | undefined): Owner | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (a.uid - b.uid || a.gid - b.gid || a.mode - b.mode) <= 0 ? a : b;
}

function addSmallest<T extends string | number>(set: Set<T>, value: T): void {
  if (set.has(value)) return;
  set.add(value);
  if (set.size <= MAX_NAMES) return;
  let largest = value;
  for (const known of set) if (known > largest) largest = known;
  set.delete(largest);
}
