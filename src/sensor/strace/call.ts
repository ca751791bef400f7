import { posix } from "node:path";
import type { MountRef, Operation, WriteEvent } from "../../model/event.ts";
import { AT_REMOVEDIR, PERMISSION_BITS } from "../flags.ts";
import type { LookUp } from "../resolve.ts";
import type { ArgumentName, SystemCall } from "../syscalls.ts";
import { parseFd, parseNumber, type TraceFd, type TraceResult, type TraceText } from "./arguments.ts";
import type { TracedFiles } from "./files.ts";
import type { TracedProcess } from "./processes.ts";

/** What a trace is decoded against, and where its events go. */
export interface TraceContext {
  readonly container: string;
  readonly files: TracedFiles;
  readonly faults: TraceFaults;
  readonly lookUp: LookUp;
  mountOf(path: string): MountRef | undefined;
  /** The mount table may be another one now. */
  mountsChanged(): void;
  /** A name on the way of later paths: a symlink with this target, or something that has to be looked at again. */
  changed(path: string, target?: string): void;
  moved(from: string, to: string, exchanged: boolean): void;
  /** A program was started, by its resolved path. */
  executed(path: string, process: TracedProcess): void;
  emit(event: WriteEvent): void;
}

/** How often a trace could not be understood, or told of what it cannot tell. */
export interface TraceFaults {
  /** Lines that are not strace's. */
  unreadableLines: number;
  /** Paths that strace could not read. */
  unreadablePaths: number;
  ioUringSetups: number;
  /** Processes that left the container's mount namespace. */
  ownNamespaces: number;
}

export const NO_FAULTS: TraceFaults = { unreadableLines: 0, unreadablePaths: 0, ioUringSetups: 0, ownNamespaces: 0 };

/** One call that has returned. */
export interface Call {
  readonly process: TracedProcess;
  readonly name: string;
  readonly row: SystemCall;
  readonly args: readonly string[];
  readonly result: TraceResult;
}

export type Draft = { -readonly [Key in keyof WriteEvent]: WriteEvent[Key] };

export function argument({ row, args }: Call, name: ArgumentName): number | undefined {
  const index = row.args?.[name];
  return index === undefined ? undefined : parseNumber(args[index]);
}

export function fdArgument({ row, args }: Call): TraceFd | undefined {
  return row.fd === undefined ? undefined : parseFd(args[row.fd]);
}

/** The event of a call at a path, with what every event has. */
export function draftAt(context: TraceContext, call: Call, place: TraceText): Draft {
  const mount = context.mountOf(place.text);
  return {
    container: context.container,
    timeNs: process.hrtime.bigint(),
    operation: operationOf(call),
    syscall: call.name,
    result: call.result.errno ?? 0,
    path: place.text,
    process: processRef(call.process),
    ...(mount === undefined ? {} : { mount }),
    ...(place.exact ? {} : { pathUncertain: true }),
  };
}

function operationOf(call: Call): Operation {
  const operation = call.row.operation ?? "open";
  return operation === "unlink" && ((argument(call, "flags") ?? 0) & AT_REMOVEDIR) !== 0 ? "rmdir" : operation;
}

const COMM_BYTES = 15;

/** The pid is the container's own: strace runs inside. */
export function processRef({ pid, uid, gid, exe }: TracedProcess): WriteEvent["process"] {
  const comm = exe === undefined ? "" : posix.basename(exe).slice(0, COMM_BYTES);
  return { pid, uid, gid, comm, ...(exe === undefined ? {} : { exe }) };
}

/** Mode and owner that a call asks for. */
export function addArguments(draft: Draft, call: Call): void {
  const mode = argument(call, "mode");
  if (mode !== undefined) draft.mode = mode & PERMISSION_BITS;
  if (draft.operation === "chown") draft.owner = { uid: argument(call, "uid") ?? -1, gid: argument(call, "gid") ?? -1 };
}
