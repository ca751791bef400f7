import type { MountRef, WriteEvent } from "../../model/event.ts";
import type { FileTree } from "../../model/image.ts";
import { ContainerRoot } from "../container-root.ts";
import { MountTable } from "../mounts.ts";
import type { LookUp } from "../resolve.ts";
import type { SensorTarget } from "../sensor.ts";
import { NO_FAULTS, type TraceContext, type TraceFaults } from "./call.ts";
import { TracedFiles } from "./files.ts";
import { mountsOf } from "./process-facts.ts";
import type { TracedProcess } from "./processes.ts";

const SETUID_OR_SETGID = 0o6000;

/** How a container looks to the one who decodes its traces, from one start to its end. */
export class TraceView implements TraceContext {
  readonly container: string;
  readonly files: TracedFiles;
  readonly faults: TraceFaults = { ...NO_FAULTS };
  readonly emit: (event: WriteEvent) => void;
  /** Programs that ran without the rights that their setuid or setgid bit gives. */
  readonly withoutRights = new Set<string>();
  readonly #root: ContainerRoot;
  #tree: FileTree | undefined;
  #pid = 0;
  #mounts = new MountTable([]);

  constructor({ id, tree, imageTree }: SensorTarget, emit: (event: WriteEvent) => void) {
    this.container = id;
    this.#root = new ContainerRoot(id);
    void Promise.resolve(tree).then((shown) => (this.#tree = shown));
    // Not the container's own tree: that shows what a call has just made.
    this.files = new TracedFiles(imageTree);
    this.emit = emit;
  }

  /** `pid`: the container's first process, as this host sees it. */
  attach(pid: number): void {
    this.#pid = pid;
    this.#root.addProcess(pid);
    this.mountsChanged();
  }

  /** What an earlier view left where it stays: in volumes, and in the root of the same container. */
  inherit(earlier: TraceView): void {
    this.files.inherit(earlier.files, (path) => {
      const mount = earlier.mountOf(path);
      if (mount === undefined || mount.target === "/") return earlier.container === this.container;
      return mount.fsType !== "tmpfs";
    });
  }

  /** To be called after each lot of lines. */
  release(): void {
    this.#root.release();
  }

  /** Where the process's root may not be looked at, by the tree, which has the root file system only. */
  readonly lookUp: LookUp = (path) => {
    const live = this.#root.lookUp(path);
    if (live.kind !== "unknown") return live;
    const entry = this.#tree?.entry(path);
    if (entry?.linkTarget !== undefined) return { kind: "link", target: entry.linkTarget };
    if (entry !== undefined || this.files.exists(path)) return { kind: "plain" };
    const mount = this.mountOf(path);
    return { kind: mount === undefined || mount.target === "/" ? "absent" : "plain" };
  };

  mountOf(path: string): MountRef | undefined {
    return this.#mounts.of(path);
  }

  mountsChanged(): void {
    this.#mounts = new MountTable(mountsOf(this.#pid) ?? this.#mounts.mounts);
  }

  changed(path: string, target?: string): void {
    this.#root.changed(path, target);
  }

  moved(from: string, to: string, exchanged: boolean): void {
    this.#root.moved(from, to, exchanged);
  }

  /** Under a tracer's filter (NoNewPrivs) a program's setuid and setgid bits have no effect. */
  executed(path: string, { uid }: TracedProcess): void {
    const entry = this.#tree?.entry(path);
    if (entry !== undefined && (entry.mode & SETUID_OR_SETGID) !== 0 && uid !== entry.uid) this.withoutRights.add(path);
  }
}
