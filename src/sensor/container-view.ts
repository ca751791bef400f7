import { readlinkSync } from "node:fs";
import type { MountRef, ProcessRef, WriteEvent } from "../model/event.ts";
import { ContainerRoot } from "./container-root.ts";
import { MountTable } from "./mounts.ts";
import { RECORD_FLAG, type KernelRecord } from "./record.ts";
import { resolvePath, type PathRequest, type ResolvedPath } from "./resolve.ts";

/** What is known of one armed container: how it sees paths and mounts, who its processes are, what was written last. */
export class ContainerView {
  readonly id: string;
  readonly slot: number;
  readonly root: ContainerRoot;
  /** By inode: what its totals will be told with. */
  readonly writers = new Map<string, WriteEvent>();
  mounts: MountTable | undefined;
  #mountsOfEvents = new Map<number, MountRef>();
  #processes = new Map<number, { execId: number; ref: ProcessRef }>();
  /** By the process whose entry makes the kernel tell one: two may enter at once. */
  #tables = new Map<number, MountRef[]>();

  constructor(id: string, slot: number) {
    this.id = id;
    this.slot = slot;
    this.root = new ContainerRoot(id);
  }

  /** One line of the mount table, or with `undefined` its end. */
  addMount(pid: number, mount: MountRef | undefined): void {
    const lines = this.#tables.get(pid) ?? [];
    if (mount === undefined) {
      this.#tables.delete(pid);
      this.mounts = new MountTable(lines);
      return;
    }
    lines.push(mount);
    this.#tables.set(pid, lines);
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
    if (known !== undefined && known.readOnly === readOnly && known.target === record.baseMount) return known;
    const mount = { target: record.baseMount, fsType: record.fsType, readOnly };
    this.#mountsOfEvents.set(record.mountId, mount);
    return mount;
  }

  mountOfPath(path: string): MountRef | undefined {
    return this.mounts?.of(path);
  }

  resolve(request: PathRequest, pid: number): ResolvedPath {
    const descriptor = request.followLast ? /^\/proc\/(?:self|thread-self)\/fd\/(\d+)$/.exec(request.text) : null;
    const opened = descriptor === null ? undefined : descriptorPath(pid, descriptor[1] as string);
    if (opened !== undefined) return { path: opened, certain: true };
    return resolvePath(request, this.root.lookUp);
  }
}

/** The kernel prints these links as the process's own mount namespace has them. */
function descriptorPath(pid: number, descriptor: string): string | undefined {
  return absoluteLink(`/proc/${pid}/fd/${descriptor}`);
}

function executableOf(pid: number): string | undefined {
  return absoluteLink(`/proc/${pid}/exe`);
}

function absoluteLink(link: string): string | undefined {
  try {
    const target = readlinkSync(link);
    return target.startsWith("/") && !target.endsWith(" (deleted)") ? target : undefined;
  } catch {
    return undefined;
  }
}
