import { posix } from "node:path";
import type { Operation, Result, WriteEvent } from "../model/event.ts";
import type { ContainerView } from "./container-view.ts";
import { errnoName } from "./errno.ts";
import type { Executables } from "./executables.ts";
import {
  AT_REMOVEDIR,
  FOLLOWS_LAST,
  O_CREAT,
  O_RDWR,
  O_TMPFILE_BIT,
  O_TRUNC,
  PERMISSION_BITS,
  RENAME_EXCHANGE,
} from "./flags.ts";
import type { MountTable } from "./mounts.ts";
import { fileType, RECORD_FLAG, RECORD_KIND, type KernelRecord } from "./record.ts";
import type { PathRequest, ResolvedPath } from "./resolve.ts";
import { SYSTEM_CALLS, type ArgumentName, type CallNames, type SystemCall } from "./syscalls.ts";

type Draft = { -readonly [Key in keyof WriteEvent]: WriteEvent[Key] };

/** A path of an event that only a file tree can settle, because no process of the container was left to ask. */
export interface Unsettled {
  readonly end: "path" | "path2";
  readonly request: PathRequest;
}
export interface BuiltEvent {
  readonly event: WriteEvent;
  readonly unsettled: readonly Unsettled[];
}

/** sockaddr_un: two bytes of family come before the path. */
const SOCKET_FAMILY_BYTES = 2;

/** Makes write events of kernel records. */
/** Programs started by what is open, or by what runs already (busybox starts its applets so): the name says nothing. */
const BY_DESCRIPTOR = /^\/(?:dev\/fd\/\d+|proc\/(?:self|thread-self|\d+)\/(?:fd\/\d+|exe))$/;

export class EventBuilder {
  readonly #names: CallNames;
  readonly #executables: Executables;

  constructor(names: CallNames, executables: Executables) {
    this.#names = names;
    this.#executables = executables;
  }

  /** The event of a record that is one; also tells the view what the event changes in it. */
  build(record: KernelRecord, view: ContainerView): BuiltEvent | undefined {
    if (record.root === "/") view.root.addProcess(record.pid);
    switch (record.kind) {
      case RECORD_KIND.exec:
        return this.#exec(record, view);
      case RECORD_KIND.call:
      case RECORD_KIND.read:
        return this.#call(record, view);
      default:
        return undefined;
    }
  }

  #draft(record: KernelRecord, view: ContainerView, operation: Operation, syscall: string): Draft {
    return {
      container: view.id,
      timeNs: record.timeNs,
      operation,
      syscall,
      result: resultOf(record.result),
      path: "",
      process: view.process(record, this.#executables.get(record.execId)),
    };
  }

  #exec(record: KernelRecord, view: ContainerView): BuiltEvent {
    const byDescriptor = BY_DESCRIPTOR.test(record.path);
    const asGiven = record.path.startsWith("/")
      ? join(record.root, record.path)
      : posix.join(record.base2, record.path);
    this.#executables.set(record.execId, byDescriptor ? record.base : asGiven);
    const event = this.#draft(record, view, "exec", "execve");
    if ((record.flags & RECORD_FLAG.script) === 0 || byDescriptor) return finishByFile(record, view, event);
    const request = { text: record.path, base: record.base2, root: record.root, followLast: true, succeeded: true };
    const unsettled: Unsettled[] = [];
    settle(event, "path", request, view.resolve(request), view.mountsFor(record), unsettled);
    return { event: finish(record, event), unsettled };
  }

  #call(record: KernelRecord, view: ContainerView): BuiltEvent | undefined {
    const names = (record.flags & RECORD_FLAG.compat) === 0 ? this.#names.native : this.#names.compat;
    const name = names.get(record.call);
    if (name === undefined) return undefined;
    const call: SystemCall = SYSTEM_CALLS[name];
    const event = this.#draft(record, view, operationOf(record, call), name);
    ADD_ARGUMENTS[event.operation]?.(event, record, call);
    if ((record.flags & RECORD_FLAG.byFile) !== 0) {
      const built = finishByFile(record, view, event);
      if (call.kind === "write" && event.inode !== undefined) view.wrote(inodeKey(record), event);
      return built;
    }
    return this.#byPath(record, view, call, event);
  }

  #byPath(record: KernelRecord, view: ContainerView, call: SystemCall, event: Draft): BuiltEvent {
    const unsettled: Unsettled[] = [];
    const succeeded = event.result === 0;
    const flags = record.flags;
    const request = {
      text: call.operation === "bind" ? withinSocketAddress(record) : record.path,
      base: (flags & RECORD_FLAG.baseIsRoot) !== 0 ? record.root : record.base,
      root: record.root,
      followLast: FOLLOWS_LAST[call.follow ?? "never"](argument(record, call, "flags") ?? 0),
      succeeded,
    };
    settle(event, "path", request, view.resolve(request), view.mountsFor(record), unsettled);
    if (call.kind === "symlink") event.target = record.path2;
    if (call.kind === "twoPaths") {
      const request2 = {
        text: record.path2,
        base: (flags & RECORD_FLAG.base2IsRoot) !== 0 ? record.root : record.base2,
        root: record.root,
        followLast: false,
        succeeded,
      };
      settle(event, "path2", request2, view.resolve(request2), view.mountsFor(record), unsettled);
    }
    if (succeeded) noteChange(event, record, view);
    return { event: finish(record, event), unsettled };
  }
}

/** The last event of an inode whose sums the kernel has given; undefined when its path was never told. */
export function totalEvent(
  view: ContainerView,
  key: string,
  total: { readonly timeNs: bigint; readonly bytes: number; readonly sizeBytes: number },
): WriteEvent | undefined {
  const last = view.lastWrite(key);
  if (last === undefined) return undefined;
  return { ...last, timeNs: total.timeNs, result: 0, bytes: total.bytes, sizeBytes: total.sizeBytes };
}

/** Names an inode for as long as its number is not given to another file. */
export function inodeKey(inode: { readonly ino: bigint; readonly dev: number; readonly generation: number }): string {
  return `${inode.dev}:${inode.ino}:${inode.generation}`;
}

function resultOf(result: number): Result {
  return result < 0 && result >= -4095 ? errnoName(-result) : 0;
}

function operationOf(record: KernelRecord, call: SystemCall): Operation {
  if (record.kind === RECORD_KIND.read) return "read";
  const operation = call.operation ?? "open";
  return operation === "unlink" && ((argument(record, call, "flags") ?? 0) & AT_REMOVEDIR) !== 0 ? "rmdir" : operation;
}

function argument(record: KernelRecord, call: SystemCall, name: ArgumentName): number | undefined {
  const index = Object.keys(call.args ?? {}).indexOf(name);
  return index < 0 ? undefined : record.args[index];
}

/** What each operation's arguments say beyond the path. */
const ADD_ARGUMENTS: Readonly<
  Partial<Record<Operation, (event: Draft, record: KernelRecord, call: SystemCall) => void>>
> = {
  mkdir: addMode,
  mknod: addMode,
  chmod: addMode,
  chown: (event, record, call) => {
    event.owner = { uid: argument(record, call, "uid") ?? -1, gid: argument(record, call, "gid") ?? -1 };
  },
  open: addOpen,
  write: (event, record) => {
    if (event.result === 0) event.bytes = record.bytes;
  },
};

function addMode(event: Draft, record: KernelRecord, call: SystemCall): void {
  const mode = argument(record, call, "mode");
  if (mode !== undefined) event.mode = mode & PERMISSION_BITS;
}

function addOpen(event: Draft, record: KernelRecord): void {
  const [flags, mode] = record.args;
  const created = (record.flags & RECORD_FLAG.created) !== 0;
  const wantsCreate = (flags & (O_CREAT | O_TMPFILE_BIT)) !== 0;
  if (wantsCreate) event.wantsCreate = true;
  if (event.result !== 0) {
    if (wantsCreate) event.mode = mode & PERMISSION_BITS;
    return;
  }
  if (created) event.created = true;
  if (!created && (flags & O_TRUNC) !== 0) event.truncated = true;
  if ((flags & O_RDWR) !== 0) event.reads = true;
  // A file in a ring's own table is known by its path alone.
  event.mode = ((record.flags & RECORD_FLAG.byFile) === 0 ? mode : record.mode) & PERMISSION_BITS;
}

/** The kernel takes as many bytes as the caller says, whether a zero byte ends them or not. */
function withinSocketAddress(record: KernelRecord): string {
  return Buffer.from(record.path)
    .subarray(0, record.args[0] - SOCKET_FAMILY_BYTES)
    .toString();
}

function join(root: string, path: string): string {
  return root === "/" ? posix.normalize(path) : posix.join(root, path);
}

function settle(
  event: Draft,
  end: "path" | "path2",
  request: PathRequest,
  resolved: ResolvedPath,
  mounts: MountTable | undefined,
  unsettled: Unsettled[],
): void {
  const mount = mounts?.of(resolved.path);
  event[end] = resolved.path;
  if (mount !== undefined) event[end === "path" ? "mount" : "mount2"] = mount;
  if (!resolved.certain) {
    event.pathUncertain = true;
    unsettled.push({ end, request });
  }
}

/** A detached mount of proc has no place in the tree; everyone knows it as /proc. */
function pathByFile(record: KernelRecord): { readonly path: string; readonly certain: boolean } {
  if ((record.flags & RECORD_FLAG.foreignMount) === 0) return { path: record.base, certain: true };
  return { path: record.fsType === "proc" ? join("/proc", record.base) : record.base, certain: false };
}

function finishByFile(record: KernelRecord, view: ContainerView, event: Draft): BuiltEvent {
  const { path, certain } = pathByFile(record);
  event.path = path;
  event.mount = view.mountOfFile(record);
  event.inode = { dev: record.dev, ino: record.ino, type: fileType(record.mode) };
  if (event.inode.type === "file") event.sizeBytes = record.sizeBytes;
  if (!certain) event.pathUncertain = true;
  if (event.created === true) {
    view.root.changed(path);
    if (certain) view.root.holds(posix.dirname(path));
  }
  return { event: finish(record, event), unsettled: [] };
}

function finish(record: KernelRecord, event: Draft): WriteEvent {
  if (record.garbled || (record.flags & (RECORD_FLAG.unreadable | RECORD_FLAG.cut)) !== 0) event.pathUncertain = true;
  return event;
}

const MAKES_OR_TAKES: ReadonlySet<Operation> = new Set(["unlink", "rmdir", "mkdir", "mknod", "link"]);

/** What is on the way of later paths: what this success made, moved or took away, and the directories that it went through. */
function noteChange(event: Draft, record: KernelRecord, view: ContainerView): void {
  if (event.pathUncertain !== true)
    for (const path of [event.path, event.path2]) if (path !== undefined) view.root.holds(posix.dirname(path));
  if (event.operation === "symlink") view.root.changed(event.path, event.target);
  else if (event.operation === "rename")
    view.root.moved(event.path, event.path2 ?? event.path, (record.args[0] & RENAME_EXCHANGE) !== 0);
  else if (MAKES_OR_TAKES.has(event.operation)) view.root.changed(event.path2 ?? event.path);
  if (event.operation === "mkdir" && event.pathUncertain !== true) view.root.holds(event.path);
}
