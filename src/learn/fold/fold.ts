import type { FileType, MountRef, Operation, ProcessRef, WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import type { PathRecord, PhaseName } from "../../model/profile.ts";
import { LiveContents } from "./live-contents.ts";
import { generalisePath, generaliseTemporaryName } from "./names.ts";
import { PathState, smallerOwner } from "./path-state.ts";
import { DEFAULT_LIMITS, type PathNode, PathTree, type TreeLimits } from "./path-tree.ts";
import { canHoldData, isKernelInterface, isNoise, isWithin, outlives, TYPE_BY_OPERATION } from "./rules.ts";

export interface FoldOptions {
  /** The image's content as it is before the run: its names are never replaced by patterns, and failures on them count. */
  readonly image?: FileTree;
  /** Mounts of the container, for events whose mount is not known. */
  readonly mounts?: readonly MountRef[];
  readonly limits?: TreeLimits;
  /** Paths whose content is followed one by one. */
  readonly maxTracked?: number;
}

/** One line of the terminal table; exact figures, therefore no part of a profile. */
export interface FoldTableRow {
  readonly path: string;
  readonly events: number;
  readonly bytes: number;
  /** Busiest first. */
  readonly processes: readonly { readonly name: string; readonly events: number }[];
}

const MAX_TRACKED = 200_000;
/** Entries moved one by one with renamed directories, in one fold. */
const MAX_MOVED = 5_000_000;
const MAX_MOVE_TARGETS = 32;
const MAX_OWNER_SAMPLES = 1_000;

/** What a successful call does to a path. */
const EFFECTS: Readonly<
  Record<Operation, "open" | "make" | "remove" | "move" | "link" | "use" | "write" | "ask" | "read" | "execute">
> = {
  open: "open",
  mkdir: "make",
  symlink: "make",
  mknod: "make",
  bind: "make",
  rmdir: "remove",
  unlink: "remove",
  rename: "move",
  link: "link",
  chmod: "use",
  chown: "use",
  utimes: "use",
  xattr: "use",
  truncate: "write",
  fallocate: "write",
  write: "write",
  access: "ask",
  read: "read",
  exec: "execute",
  mapexec: "execute",
};

/**
 * Folds write events into one record per path, in memory that does not grow with their number.
 * Events must come in the order in which they happened at each path; the order between paths does not matter.
 */
export class ProfileFold {
  readonly #image: FileTree | undefined;
  readonly #mounts: readonly MountRef[];
  readonly #tree: PathTree;
  readonly #contents: LiveContents;
  readonly #mountPoints = new Set<string>();
  readonly #names = new Map<string, string>();
  #phase = 0;
  #moved = 0;

  constructor(options: FoldOptions = {}) {
    this.#image = options.image;
    this.#mounts = (options.mounts ?? []).toSorted((a, b) => b.target.length - a.target.length);
    this.#tree = new PathTree(options.image, options.limits ?? DEFAULT_LIMITS);
    this.#contents = new LiveContents(options.maxTracked ?? MAX_TRACKED);
  }

  /** How much is held in memory; bounded whatever comes in. */
  get held(): { readonly nodes: number; readonly contents: number } {
    return { nodes: this.#tree.nodeCount, contents: this.#contents.tracked };
  }

  /** Sorted: why the records are coarser than what happened. Empty in all but hostile runs. */
  incomplete(): readonly string[] {
    const reasons: string[] = [];
    if (this.#moved > MAX_MOVED) reasons.push("directories were renamed too often to follow their content");
    if (this.#tree.isSaturated) reasons.push("more different paths were written than can be kept apart");
    return reasons;
  }

  /** What the mounts lose between the phases is forgotten; what they keep can be read back. */
  beginPhase(name: PhaseName): void {
    this.#phase++;
    for (const node of this.#tree.nodes())
      if (node.state !== undefined && !outlives(name, node.state.mount, node.state.mountType))
        this.#contents.dropAll(node);
  }

  /** Events in the order in which they happened. */
  add(events: readonly WriteEvent[]): void {
    for (const event of events) this.#apply(event);
  }

  /** Notes what is there now, by the container's content when it is given, else by the events alone. */
  endPhase(tree: FileTree | undefined): void {
    for (const node of this.#tree.nodes()) if (node.state !== undefined) this.#survey(node, node.state, tree);
  }

  /** Sorted by path. */
  records(): readonly PathRecord[] {
    const records: PathRecord[] = [];
    for (const node of this.#tree.nodes()) {
      const { state } = node;
      if (state === undefined || state.done.size + state.failed.size === 0) continue;
      const hasContent = state.type === "dir" ? node.children.size > 0 : state.type === "file" && state.done.size > 0;
      records.push(state.toRecord(node.path, node.peakBytes, hasContent, targets(node)));
    }
    return records.toSorted((a, b) => compare(a.path, b.path));
  }

  /** Sorted by path. */
  table(): readonly FoldTableRow[] {
    const rows: FoldTableRow[] = [];
    for (const { state, path } of this.#tree.nodes()) {
      if (state === undefined || state.done.size + state.failed.size === 0) continue;
      const processes = [...state.processes].map(([name, events]) => ({ name, events }));
      processes.sort((a, b) => b.events - a.events || compare(a.name, b.name));
      rows.push({ path, events: state.events, bytes: state.bytes, processes });
    }
    return rows.toSorted((a, b) => compare(a.path, b.path));
  }

  #apply(event: WriteEvent): void {
    if (event.pathUncertain === true || !event.path.startsWith("/")) return;
    const mount = event.mount ?? this.#mountOf(event.path);
    if (isKernelInterface(event.path, mount)) return;
    if (event.result !== 0) this.#fail(event, mount);
    else this.#succeed(event, mount);
  }

  #fail(event: WriteEvent, mount: MountRef | undefined): void {
    // The new name is what a link could not make; a rename fails for its source or for both ends.
    const path = event.operation === "link" && event.path2 !== undefined ? event.path2 : event.path;
    if (event.result === 0 || isNoise(event, this.#image?.entry(path) !== undefined)) return;
    const state = this.#touch(path, event, path === event.path ? mount : event.mount2).state;
    state.fail(event.operation, event.result);
  }

  #succeed(event: WriteEvent, mount: MountRef | undefined): void {
    const effect = EFFECTS[event.operation];
    const { path, path2 } = event;
    if (effect === "read" || effect === "execute") {
      // Only of interest where something was written.
      const known = this.#tree.find(path);
      if (known?.state === undefined || known.state.done.size === 0) return;
    }
    if (effect === "move" || effect === "link") {
      if (path2 === undefined || !path2.startsWith("/") || isKernelInterface(path2, event.mount2)) return;
      this.#move(event, path2, mount);
      return;
    }
    const { node, state } = this.#touch(path, event, mount);
    state.done.add(event.operation);
    switch (effect) {
      case "open":
        this.#open(event, node, state);
        break;
      case "make":
        this.#make(node, state, event);
        break;
      case "remove":
        if (this.#contents.drop(node, path) === undefined) this.#needsExisting(node, state, path, false);
        state.gone = true;
        break;
      case "use":
        this.#needsExisting(node, state, path, true);
        break;
      case "write":
        this.#write(event, node, state);
        break;
      case "ask":
        break;
      case "read":
        this.#readBack(node, state, path);
        break;
      case "execute":
        state.executed = true;
        break;
    }
  }

  #open(event: WriteEvent, node: PathNode, state: PathState): void {
    const { path } = event;
    if (event.wantsCreate === true) state.wantedCreate = true;
    if (event.created === true) {
      this.#make(node, state, event);
      return;
    }
    this.#needsExisting(node, state, path, event.wantsCreate !== true);
    if (event.truncated === true) {
      this.#contents.put(node, path, { sizeBytes: 0, writtenBytes: 0, phase: this.#phase });
      return;
    }
    // Databases open what they wrote read-write and without O_CREAT; logs are opened to append, with it.
    if (event.reads ?? event.wantsCreate !== true) this.#readBack(node, state, path);
    this.#measure(event, node, state);
  }

  #make(node: PathNode, state: PathState, event: WriteEvent): void {
    state.made = true;
    state.wantedCreate = true;
    this.#contents.put(node, event.path, { sizeBytes: 0, writtenBytes: 0, phase: this.#phase });
    if (event.operation === "open") this.#measure(event, node, state);
  }

  #write(event: WriteEvent, node: PathNode, state: PathState): void {
    if (event.operation === "truncate") this.#needsExisting(node, state, event.path, true);
    // Of what the run made, everything alive is known: this is the kernel's late total of a file that is gone.
    const isLateTotal = state.made && this.#contents.get(node, event.path) === undefined;
    if (!isLateTotal && this.#contents.get(node, event.path) === undefined)
      this.#contents.put(node, event.path, { sizeBytes: 0, writtenBytes: 0, phase: this.#phase });
    this.#measure(event, node, state);
  }

  #measure(event: WriteEvent, node: PathNode, state: PathState): void {
    const { path, sizeBytes, bytes } = event;
    const content = this.#contents.get(node, path);
    if (bytes !== undefined) {
      const before = content?.writtenBytes ?? state.bytes;
      // A smaller total belongs to a new inode of the same name.
      state.bytes += bytes >= before ? bytes - before : content === undefined ? 0 : bytes;
      if (content !== undefined) content.writtenBytes = bytes;
      state.maxWrittenBytes = Math.max(state.maxWrittenBytes, bytes);
    }
    if (sizeBytes !== undefined) state.maxSizeBytes = Math.max(state.maxSizeBytes, sizeBytes);
    const size = sizeBytes ?? (state.maxSizeBytes === 0 ? bytes : undefined);
    if (size !== undefined) this.#contents.resize(node, path, size);
  }

  #readBack(node: PathNode, state: PathState, path: string): void {
    const since = this.#contents.get(node, path)?.phase ?? state.untrackedSince;
    if (since < this.#phase && canHoldData(path, state.type ?? "file")) state.readBack = true;
  }

  /** The call found something at the path: it was there before, unless the run made it. */
  #needsExisting(node: PathNode, state: PathState, path: string, counts: boolean): void {
    if (state.made || state.untracked > 0 || this.#contents.get(node, path) !== undefined) return;
    if (counts) state.neededExisting = true;
    // On the root the image tells what was there; on other mounts, and without it, only the call does.
    if (this.#image === undefined || state.mount !== "/") state.shipped = true;
  }

  #move(event: WriteEvent, path2: string, mount: MountRef | undefined): void {
    const { operation, path } = event;
    const type = event.inode?.type ?? this.#tree.find(path)?.state?.type;
    const isDirectory = type === "dir";
    const source = this.#touch(path, event, mount, type).node;
    const target = this.#touch(path2, event, event.mount2 ?? this.#mountOf(path2) ?? mount, type).node;
    const from = source.resolve();
    const to = target.resolve();
    if (from.state === undefined || to.state === undefined) return;
    this.#needsExisting(from, from.state, path, true);
    from.state.done.add(operation);
    to.state.join(from.state, false);
    to.state.made = true;
    to.state.wantedCreate = true;
    noteTarget(from, to);
    const fresh = { sizeBytes: event.sizeBytes ?? 0, writtenBytes: 0, phase: this.#phase };
    if (operation === "link") {
      // A second name takes no space.
      this.#contents.put(to, path2, {
        ...fresh,
        sizeBytes: 0,
        phase: this.#contents.get(from, path)?.phase ?? this.#phase,
      });
      return;
    }
    const moved = this.#contents.drop(from, path);
    from.state.gone = true;
    this.#contents.put(to, path2, moved ?? fresh);
    if (isDirectory) this.#moveContent(from, path, path2);
    else if (from !== to) this.#tree.rename(from, generaliseTemporaryName(lastPart(path), lastPart(path2)));
  }

  /** What lies in a renamed directory is known under its new name from now on. */
  #moveContent(directory: PathNode, path: string, path2: string): void {
    const inside: { readonly node: PathNode; readonly path: string }[] = [];
    const waiting = [...directory.children.values()];
    for (let node = waiting.pop(); node !== undefined && this.#moved <= MAX_MOVED; node = waiting.pop()) {
      waiting.push(...node.children.values());
      this.#moved += 1 + (node.state?.live?.size ?? 0);
      for (const child of node.state?.live?.keys() ?? [])
        if (child !== path && isWithin(child, path)) inside.push({ node, path: child });
    }
    for (const child of inside) {
      const node = child.node.resolve();
      const content = this.#contents.drop(node, child.path);
      if (content === undefined || node.state === undefined) continue;
      node.state.gone = true;
      const newPath = path2 + child.path.slice(path.length);
      const target = this.#tree.locate(newPath, node.state.type === "dir");
      const state = this.#stateOf(target);
      state.setMount(node.state.mount, node.state.mountType);
      state.join(node.state, false);
      this.#contents.put(target, newPath, content);
      noteTarget(node.resolve(), target);
    }
  }

  #survey(node: PathNode, state: PathState, tree: FileTree | undefined): void {
    const { path } = node;
    const isPattern = path.includes("*");
    if (tree === undefined) {
      if (state.isAlive || (!isPattern && !state.gone && (state.shipped || state.neededExisting)))
        state.survived = true;
      return;
    }
    const paths = isPattern ? [...(state.live?.keys() ?? [])] : [path];
    for (const [index, exact] of paths.entries()) {
      if (index >= MAX_OWNER_SAMPLES && state.survived) break;
      const entry = tree.entry(exact);
      if (entry === undefined) {
        // The content of other mounts is often not part of a container's tree.
        if (state.mount === "/") this.#contents.drop(node, exact);
        continue;
      }
      state.survived = true;
      const owner = { uid: entry.uid, gid: entry.gid, mode: entry.mode };
      state.owner = isPattern ? smallerOwner(state.owner, owner) : owner;
      if (!isPattern) state.type = entry.type;
    }
    if (state.isAlive && (state.mount !== "/" || state.untracked > 0)) state.survived = true;
  }

  /** The node and state of a path that a process did something at. */
  #touch(
    path: string,
    event: WriteEvent,
    mount: MountRef | undefined,
    type?: FileType,
  ): { node: PathNode; state: PathState } {
    const known = type ?? (path === event.path ? event.inode?.type : undefined);
    const guess = known ?? TYPE_BY_OPERATION[event.operation];
    const node = this.#tree.locate(path, guess === "dir");
    const state = this.#stateOf(node);
    state.type = known ?? state.type ?? guess;
    state.note(this.#processName(event.process), event.process);
    if (mount !== undefined) {
      state.setMount(mount.target, mount.fsType);
      this.#noteMountPoint(mount.target);
    }
    return { node, state };
  }

  #stateOf(node: PathNode): PathState {
    if (node.state !== undefined) return node.state;
    const state = new PathState();
    state.shipped = node.isShipped;
    state.type = this.#tree.shippedType(node);
    node.state = state;
    return state;
  }

  #noteMountPoint(target: string): void {
    if (target === "/" || this.#mountPoints.has(target) || this.#mountPoints.size >= 1_000) return;
    this.#mountPoints.add(target);
    this.#tree.locate(target, true).isMountPoint = true;
  }

  #mountOf(path: string): MountRef | undefined {
    return this.#mounts.find((mount) => isWithin(path, mount.target));
  }

  #processName({ exe, comm }: ProcessRef): string {
    const raw = exe ?? comm;
    let name = this.#names.get(raw);
    if (name === undefined) {
      // A thread pool numbers its threads; a program of the image is called what it is called.
      if (exe === undefined) name = comm.replace(/\d+/g, "*");
      else name = this.#image?.entry(exe) === undefined ? generalisePath(exe) : exe;
      if (this.#names.size >= 4_096) this.#names.clear();
      this.#names.set(raw, name);
    }
    return name;
  }
}

function noteTarget(from: PathNode, to: PathNode): void {
  from.movesTo ??= new Set();
  from.movesTo.add(to);
  if (from.movesTo.size <= 2 * MAX_MOVE_TARGETS) return;
  const kept = new Map([...from.movesTo].map((node) => [node.resolve().path, node.resolve()]));
  from.movesTo = new Set(
    [...kept]
      .toSorted(([a], [b]) => compare(a, b))
      .slice(0, MAX_MOVE_TARGETS)
      .map(([, node]) => node),
  );
}

function targets(node: PathNode): readonly string[] {
  const paths = new Set([...(node.movesTo ?? [])].map((target) => target.resolve().path));
  return [...paths].toSorted(compare).slice(0, MAX_MOVE_TARGETS);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
