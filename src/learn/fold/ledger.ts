import type { FileType, MountRef, WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import type { PhaseName } from "../../model/profile.ts";
import { LiveContents } from "./live-contents.ts";
import { Clock } from "./moment.ts";
import { PathState } from "./path-state.ts";
import { type PathNode, PathTree, type TreeLimits } from "./path-tree.ts";
import { ProcessNames } from "./process-names.ts";
import { isWithin, TYPE_BY_OPERATION, USES } from "./rules.ts";

/** A node together with its state. */
export interface Place {
  readonly node: PathNode;
  readonly state: PathState;
}

/** Mount points beyond this many are not told apart when sizes are summed up. */
const MAX_MOUNT_POINTS = 1_000;
/** Renames remembered for late totals, which are told once a file has not been written for a while. */
const MAX_MOVES = 10_000;

/** What is known while a fold runs: the tree of paths, what is alive in it, and the phase. */
export class Ledger {
  readonly image: FileTree | undefined;
  readonly tree: PathTree;
  readonly contents: LiveContents;
  /** Number of the current phase, from 1. */
  phase = 0;
  /** What the current start has discarded so far; undefined once it is over. */
  #discarded: Set<PathState> | undefined;
  readonly #mounts: readonly MountRef[];
  readonly #mountPoints = new Set<string>();
  readonly #processes: ProcessNames;
  readonly #clock = new Clock();
  /** Old name -> new name, as long as nothing new has the old one. */
  readonly #moves = new Map<string, string>();

  constructor(image: FileTree | undefined, mounts: readonly MountRef[], limits: TreeLimits, maxTracked: number) {
    this.image = image;
    this.tree = new PathTree(image, limits);
    this.contents = new LiveContents(maxTracked);
    this.#mounts = mounts.toSorted((a, b) => b.target.length - a.target.length);
    this.#processes = new ProcessNames(image);
  }

  beginPhase(name: PhaseName): void {
    this.phase++;
    this.#clock.beginPhase(name);
    this.#discarded = new Set();
  }

  /** The workload is up: what it discarded on the way it makes anew at each start. One that ends instead has done its work. */
  endStart(): void {
    for (const state of this.#discarded ?? []) state.renewed = true;
    this.#discarded = undefined;
    this.#clock.endStart();
  }

  /** What is at the path is about to be replaced as a whole or removed. */
  discard({ node, state }: Place, path: string): void {
    const since = this.contents.get(node, path)?.phase ?? this.phase;
    if (since < this.phase) this.#discarded?.add(state);
  }

  /** The mount a path is on when the event does not tell: the innermost of those that were given. */
  mountOf(path: string): MountRef | undefined {
    return this.#mounts.find((mount) => isWithin(path, mount.target));
  }

  /** The place of a path at which the event's process did something. */
  touch(path: string, event: WriteEvent, mount: MountRef | undefined, type?: FileType): Place {
    const known = type ?? (path === event.path ? event.inode?.type : undefined);
    const guess = known ?? TYPE_BY_OPERATION[event.operation];
    const place = this.placeOf(this.tree.locate(path, guess === "dir"));
    const { state } = place;
    state.type = known ?? state.type ?? guess;
    // Who only reads or runs what another wrote is no writer.
    if (!USES.has(event.operation)) {
      const by = this.#processes.nameOf(event.process);
      state.note(by, event.process);
      // What nobody saw happen was found later.
      if (by !== undefined) {
        this.#clock.see(event.timeNs);
        state.first ??= this.#clock.at(event.timeNs);
      }
      if (this.#discarded === undefined) state.changedWhileUp = true;
      if (this.phase > 1) state.touchedSince = true;
    }
    if (mount !== undefined) {
      state.setMount(mount.target, mount.fsType);
      this.#noteMountPoint(mount.target);
    }
    return place;
  }

  placeOf(node: PathNode): Place {
    if (node.state === undefined) {
      node.state = new PathState();
      node.state.shipped = node.isShipped;
      node.state.type = this.tree.shippedType(node);
    }
    return { node, state: node.state };
  }

  /** A call found something at the path: it was there before, unless the run made it. `depends`: the call fails without it. */
  foundExisting({ node, state }: Place, path: string, depends: boolean): void {
    if (state.made || state.untracked > 0 || this.contents.get(node, path) !== undefined) return;
    if (depends) state.neededExisting = true;
    // On the root the image tells what was there; on other mounts, and without it, only the call does.
    if (this.image === undefined || state.mount !== "/") state.shipped = true;
  }

  /** The run put new content at the path, as a whole. */
  putContent(place: Place, path: string): void {
    this.discard(place, path);
    this.contents.put(place.node, path, { sizeBytes: 0, writtenBytes: 0, phase: this.phase });
  }

  /** Something has this name now: what had it before is no longer meant. */
  noteName(path: string): void {
    this.#moves.delete(path);
  }

  /** What was at `from` is now at `to`. */
  noteMove(from: string, to: string): void {
    this.noteName(to);
    this.#moves.set(from, to);
    const [oldest] = this.#moves.keys();
    if (this.#moves.size > MAX_MOVES && oldest !== undefined) this.#moves.delete(oldest);
  }

  /** The name that a file at `path` was given next; undefined when it has this one still. */
  movedTo(path: string): string | undefined {
    return this.#moves.get(path);
  }

  #noteMountPoint(target: string): void {
    if (target === "/" || this.#mountPoints.has(target) || this.#mountPoints.size >= MAX_MOUNT_POINTS) return;
    this.#mountPoints.add(target);
    this.tree.locate(target, true).isMountPoint = true;
  }
}
