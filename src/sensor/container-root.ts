import { readFileSync, readlinkSync } from "node:fs";
import { close, openDirectory, readLinkBeneath } from "./libc.ts";
import type { LinkState, LookUp } from "./resolve.ts";

const PLAIN: LinkState = { kind: "plain" };
const ABSENT: LinkState = { kind: "absent" };
const UNKNOWN: LinkState = { kind: "unknown" };
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

  /** An event says what is at the path now: a symlink with this target, or something that has to be looked at again. */
  changed(path: string, target?: string): void {
    if (this.#known.has(path)) {
      const beneath = path + "/";
      for (const known of this.#known.keys()) {
        if (known === path || known.startsWith(beneath)) this.#known.delete(known);
      }
    }
    if (target !== undefined) this.#remember(path, { kind: "link", target });
  }

  /** A rename: a symlink that was known keeps its target under the new name. */
  moved(from: string, to: string, exchanged: boolean): void {
    const target = this.#targetOf(from);
    const other = exchanged ? this.#targetOf(to) : undefined;
    this.changed(from, other);
    this.changed(to, target);
  }

  #targetOf(path: string): string | undefined {
    const state = this.#known.get(path);
    return state?.kind === "link" ? state.target : undefined;
  }

  /** To be called at the end of each batch. */
  release(): void {
    if (this.#directory !== undefined && this.#directory >= 0) close(this.#directory);
    this.#directory = undefined;
  }

  #remember(path: string, state: LinkState): void {
    if (this.#known.size >= CACHE_ENTRIES) this.#known.clear();
    this.#known.set(path, state);
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
