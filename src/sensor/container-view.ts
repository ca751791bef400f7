import { readlinkSync } from "node:fs";
import type { MountRef, ProcessRef, WriteEvent } from "../model/event.ts";
import { ContainerRoot } from "./container-root.ts";
import { MountTable } from "./mounts.ts";
import { RECORD_FLAG, type KernelRecord } from "./record.ts";
import { resolvePath, type PathRequest, type ResolvedPath } from "./resolve.ts";

/** About 100 MB at most. What is pushed out has nearly always told its totals; where it has not, the loss is counted. */
const WRITES_KEPT = 262_144;

/** What is known of one armed container: how it sees paths and mounts, who its processes are, what was written last. */
export class ContainerView {
  readonly id: string;
  readonly slot: number;
  readonly root: ContainerRoot;
  /**
   * Nothing of the workload ran when it was armed, so all of it descends from an exec that is seen. What has none is the
   * runtime, which was at work while the container was armed as if it ran.
   */
  startsWithExec = false;
  readonly #mountsOfEvents = new Map<number, MountRef>();
  /** By inode. */
  readonly #writes = new Map<string, WriteEvent>();
  readonly #processes = new Map<number, { execId: number; ref: ProcessRef }>();
  /** By namespace; the first is the container's own. */
  readonly #tables = new Map<number, MountTable>();
  /** By the process whose entry makes the kernel tell one: two may enter at once. */
  readonly #told = new Map<number, MountRef[]>();

  constructor(id: string, slot: number) {
    this.id = id;
    this.slot = slot;
    this.root = new ContainerRoot(id);
  }

  /** One line of the mount table that the kernel is telling. */
  addMount(record: KernelRecord): void {
    const lines = this.#told.get(record.pid) ?? [];
    lines.push(this.mountOfFile(record));
    this.#told.set(record.pid, lines);
  }

  endMounts(record: KernelRecord): void {
    this.#tables.set(record.mountNamespace, new MountTable(this.#told.get(record.pid) ?? []));
    this.#told.delete(record.pid);
  }

  /** The table of the process's namespace. One that it made by unshare(2) is the container's until it mounts something there. */
  mountsFor(record: KernelRecord): MountTable | undefined {
    return this.#tables.get(record.mountNamespace) ?? this.#tables.values().next().value;
  }

  /** Remembers a write, whose path the totals of its inode will be told with. */
  wrote(key: string, event: WriteEvent): void {
    if (this.#writes.size >= WRITES_KEPT) this.#writes.delete(this.#writes.keys().next().value ?? key);
    this.#writes.set(key, event);
  }

  /** The last write to an inode; undefined when it is too long ago. */
  lastWrite(key: string): WriteEvent | undefined {
    return this.#writes.get(key);
  }

  process(record: KernelRecord, exe: string | undefined): ProcessRef {
    const known = this.#processes.get(record.pid);
    if (
      known !== undefined &&
      known.execId === record.execId &&
      known.ref.comm === record.comm &&
      known.ref.uid === record.uid &&
      known.ref.gid === record.gid
    )
      return known.ref;
    const path = exe ?? (record.execId === 0 ? executableOf(record.pid) : undefined);
    const ref = {
      pid: record.pid,
      uid: record.uid,
      gid: record.gid,
      comm: record.comm,
      ...(path === undefined ? {} : { exe: path }),
    };
    if (this.#processes.size > 4096) this.#processes.clear();
    this.#processes.set(record.pid, { execId: record.execId, ref });
    return ref;
  }

  /** The mount of what a record names by its file. */
  mountOfFile(record: KernelRecord): MountRef {
    const readOnly = (record.flags & RECORD_FLAG.readOnlyMount) !== 0;
    const known = this.#mountsOfEvents.get(record.mountId);
    if (known?.readOnly === readOnly && known.target === record.baseMount && known.fsType === record.fsType)
      return known;
    const mount = { target: record.baseMount, fsType: record.fsType, readOnly };
    this.#mountsOfEvents.set(record.mountId, mount);
    return mount;
  }

  resolve(request: PathRequest): ResolvedPath {
    return resolvePath(request, this.root.lookUp);
  }
}

/** The kernel prints this link as the process's own mount namespace has it. */
function executableOf(pid: number): string | undefined {
  try {
    const path = readlinkSync(`/proc/${pid}/exe`);
    return path.startsWith("/") ? path.replace(/ \(deleted\)$/, "") : undefined;
  } catch {
    return undefined;
  }
}
