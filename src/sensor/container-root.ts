import { readFileSync, readlinkSync } from "node:fs";
import { close, openDirectory, readLinkBeneath } from "./libc.ts";
import type { LinkState, LookUp } from "./resolve.ts";

const PLAIN: LinkState = { kind: "plain" };
const ABSENT: LinkState = { kind: "absent" };
const UNKNOWN: LinkState = { kind: "unknown" };
const NOTHING: ReadonlyMap<string, LinkState> = new Map();
const CACHE_ENTRIES = 16_384;
const REMEMBERED_PIDS = 16;

/**
 * Looks at paths of one container under /proc/PID/root, while a process of it lives.
 *
 * The root is held open for the length of one batch only: a descriptor would keep the container's file systems mounted.
 * What is found is remembered, and forgotten when an event says that it changed.
 */
export class ContainerRoot {
  readonly #id: string;
  readonly #known = new Map<string, LinkState>();
  /** What is known straight below each directory: a tree that is removed costs no more than what is known of it. */
  readonly #names = new Map<string, Set<string>>();
  #pids: number[] = [];
  #directory: number | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** A process that has the container's own root. */
  addProcess(pid: number): void {
    if (this.#pids.at(-1) === pid) return;
    this.#pids = this.#pids.filter((known) => known !== pid);
    this.#pids.push(pid);
    // The oldest is most often the init process: it stays.
    if (this.#pids.length > REMEMBERED_PIDS) this.#pids.splice(1, 1);
  }

  readonly lookUp: LookUp = (path) => {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const state = this.#look(path);
    if (state.kind !== "unknown" && state.kind !== "absent") this.#remember(path, state);
    return state;
  };

  /**
   * An event says that this is a directory, and so is all above it. Programs remove what they made before anybody could look;
   * a path through it is told for certain all the same.
   */
  holds(directory: string): void {
    for (let path = directory === "/" ? "" : directory; path !== ""; path = parentOf(path)) {
      // Whatever is known, all above it is known too.
      if (this.#known.get(path)?.kind === "plain") return;
      this.#remember(path, PLAIN);
    }
  }

  /** An event says what is at the path now: a symlink with this target, or something that has to be looked at again. */
  changed(path: string, target?: string): void {
    this.#take(path);
    if (target !== undefined) this.#remember(path, { kind: "link", target });
  }

  /** A rename: what was known at the old name and below it is known at the new one. */
  moved(from: string, to: string, exchanged: boolean): void {
    const here = this.#take(from);
    const there = this.#take(to);
    for (const [below, state] of here) this.#remember(to + below, state);
    if (exchanged) for (const [below, state] of there) this.#remember(from + below, state);
  }

  /** Forgets the path and all below it; returns what was known, by what follows the path. */
  #take(path: string): ReadonlyMap<string, LinkState> {
    if (!this.#known.has(path) && !this.#names.has(path)) return NOTHING;
    const taken = new Map<string, LinkState>();
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const state = this.#known.get(next);
      if (state !== undefined) taken.set(next.slice(path.length), state);
      this.#known.delete(next);
      waiting.push(...(this.#names.get(next) ?? []));
      this.#names.delete(next);
    }
    this.#names.get(parentOf(path))?.delete(path);
    return taken;
  }

  /** To be called at the end of each batch. */
  release(): void {
    if (this.#directory !== undefined && this.#directory >= 0) close(this.#directory);
    this.#directory = undefined;
  }

  #remember(path: string, state: LinkState): void {
    if (this.#known.size >= CACHE_ENTRIES) {
      this.#known.clear();
      this.#names.clear();
    }
    this.#known.set(path, state);
    for (let child = path; child !== ""; child = parentOf(child)) {
      const names = this.#names.get(parentOf(child));
      if (names?.has(child) === true) break;
      if (names === undefined) this.#names.set(parentOf(child), new Set([child]));
      else names.add(child);
    }
  }

  #look(path: string): LinkState {
    this.#directory ??= this.#openRoot();
    if (this.#directory < 0) return UNKNOWN;
    const target = readLinkBeneath(this.#directory, path);
    if (target === undefined) return ABSENT;
    return target === null ? PLAIN : { kind: "link", target };
  }

  #openRoot(): number {
    for (const pid of this.#pids.toReversed()) {
      const directory = openDirectory(`/proc/${pid}/root`);
      if (directory < 0) continue;
      // Asked after opening: the pid may have been given to another process meanwhile, or its process may be chroot'ed by now.
      if (this.#isOurs(pid) && readlinkSync(`/proc/self/fd/${directory}`) === "/") return directory;
      close(directory);
    }
    return -1;
  }

  #isOurs(pid: number): boolean {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(this.#id);
    } catch {
      return false;
    }
  }
}

/** Of an absolute path; empty for the root. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
