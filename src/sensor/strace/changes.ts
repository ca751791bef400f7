import type { Operation } from "../../model/event.ts";
import {
  O_ACCMODE,
  O_CREAT,
  O_EXCL,
  O_PATH,
  O_RDWR,
  O_TMPFILE_BIT,
  O_TRUNC,
  PERMISSION_BITS,
  RENAME_EXCHANGE,
} from "../flags.ts";
import type { SystemCall } from "../syscalls.ts";
import { parseField, parseNumber, parseString } from "./arguments.ts";
import { addArguments, argument, type Call, type Draft, draftAt, fdArgument, type TraceContext } from "./call.ts";
import type { KnownFile } from "./files.ts";
import { byFd, byPath, pathOfFd, resolved } from "./places.ts";

type Handler = (context: TraceContext, call: Call) => void;

const W_OK = 2;
const PROT_EXEC = 4;

/** What becomes of a call that has returned, by the kind of its row. */
export const HANDLERS: Readonly<Partial<Record<SystemCall["kind"], Handler>>> = {
  open,
  path: changePath,
  twoPaths,
  symlink,
  fd: changeFd,
  write,
  bind,
  access,
  mmap,
  ioUring: ({ faults }, { result }) => {
    if (result.errno === undefined) faults.ioUringSetups++;
  },
  mounts: (context, { result }) => {
    if (result.errno === undefined) context.mountsChanged();
  },
};

function open(context: TraceContext, call: Call): void {
  const { result } = call;
  const { flags, mode } = openArguments(call);
  if ((flags & O_PATH) !== 0) return;
  const path = result.errno === undefined ? pathOfFd(result.fd) : undefined;
  // It opened something that is no file.
  if (result.fd?.file !== undefined && path === undefined) return;
  const wantsCreate = (flags & (O_CREAT | O_TMPFILE_BIT)) !== 0;
  if (!wantsCreate && (flags & (O_ACCMODE | O_TRUNC)) === 0) {
    if (path !== undefined && context.files.isChanged(path.text))
      context.emit({ ...draftAt(context, call, path), operation: "read" });
    return;
  }
  const draft = path === undefined ? byPath(context, call, flags) : draftAt(context, call, path);
  if (draft === undefined) return;
  if (wantsCreate) Object.assign(draft, { wantsCreate, mode: mode & PERMISSION_BITS });
  if (draft.result === 0) opened(context, draft, flags);
  context.emit(draft);
}

function openArguments({ row, args }: Call): { readonly flags: number; readonly mode: number } {
  const how = row.special === "openHow" ? args[row.args?.flags ?? -1] : undefined;
  const [flags, mode] =
    how === undefined
      ? [args[row.args?.flags ?? -1], args[row.args?.mode ?? -1]]
      : [parseField(how, "flags"), parseField(how, "mode")];
  // creat(2) has its mode where open(2) has the flags.
  if (row.special === "impliedCreate") return { flags: O_CREAT | O_TRUNC | 1, mode: parseNumber(flags) ?? 0 };
  return { flags: parseNumber(flags) ?? 0, mode: parseNumber(mode) ?? 0 };
}

function opened(context: TraceContext, draft: Draft, flags: number): void {
  const { files } = context;
  const isNew = (flags & O_TMPFILE_BIT) !== 0 || (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
  if (isNew || ((flags & O_CREAT) !== 0 && !files.exists(draft.path))) {
    draft.created = true;
    files.made(draft.path);
    context.changed(draft.path);
  } else if ((flags & O_TRUNC) !== 0) {
    draft.truncated = true;
    files.resized(draft.path, 0);
  }
  if ((flags & O_ACCMODE) === O_RDWR) draft.reads = true;
  draft.sizeBytes = files.sizeOf(draft.path);
}

/** What a success does to what is known of the path. */
const EFFECTS: Readonly<Partial<Record<Operation, (context: TraceContext, draft: Draft, call: Call) => void>>> = {
  mkdir: ({ files }, { path }) => files.made(path, true),
  mknod: ({ files }, { path }) => files.made(path),
  unlink: removed,
  rmdir: removed,
  truncate: ({ files }, draft, call) => {
    files.resized(draft.path, argument(call, "length") ?? parseNumber(call.args[1]) ?? 0);
    draft.sizeBytes = files.sizeOf(draft.path);
  },
  fallocate: ({ files }, draft, call) => {
    const endBytes = (parseNumber(call.args[2]) ?? 0) + (argument(call, "length") ?? 0);
    files.resized(draft.path, Math.max(files.sizeOf(draft.path), endBytes));
    draft.sizeBytes = files.sizeOf(draft.path);
  },
};

function removed(context: TraceContext, { path }: Draft): void {
  // A late total would bring back what is gone.
  const untold = context.files.untoldAt(path);
  if (untold !== undefined) tellTotal(context, path, untold);
  context.files.removed(path);
}

function changePath(context: TraceContext, call: Call): void {
  finish(context, byPath(context, call, argument(call, "flags") ?? 0), call);
}

function changeFd(context: TraceContext, call: Call): void {
  finish(context, byFd(context, call, fdArgument(call)), call);
}

function finish(context: TraceContext, draft: Draft | undefined, call: Call): void {
  if (draft === undefined) return;
  addArguments(draft, call);
  if (draft.result === 0) {
    EFFECTS[draft.operation]?.(context, draft, call);
    context.changed(draft.path);
  }
  context.emit(draft);
}

/** Told when it is the file's first, and each time its bytes have doubled; the rest comes with the totals. */
function write(context: TraceContext, call: Call): void {
  const fd = fdArgument(call);
  if (fd?.isDevice === true) return;
  const draft = byFd(context, call, fd);
  if (draft === undefined) return;
  if (draft.result !== 0) return context.emit(draft);
  const offset = call.name.startsWith("pwrite") ? parseNumber(call.args[3]) : undefined;
  const known = context.files.wrote(draft, call.result.value, offset);
  if (known.toldBytes === 0 || known.writtenBytes >= 2 * known.toldBytes) tellTotal(context, draft.path, known);
}

/** The file's sums until now, with its last write. */
export function tellTotal(context: TraceContext, path: string, known: KnownFile): void {
  if (known.lastWrite === undefined) return;
  known.toldBytes = known.writtenBytes;
  context.emit({ ...known.lastWrite, path, bytes: known.writtenBytes, sizeBytes: known.sizeBytes });
}

function twoPaths(context: TraceContext, call: Call): void {
  const flags = argument(call, "flags") ?? 0;
  const draft = byPath(context, call, flags);
  const path2 = resolved(context, call, { dirfd: call.row.dirfd2, path: call.row.path2, followLast: false });
  if (draft === undefined || path2 === undefined) return;
  draft.path2 = path2.text;
  const mount2 = context.mountOf(path2.text);
  if (mount2 !== undefined) draft.mount2 = mount2;
  if (!path2.exact) draft.pathUncertain = true;
  if (draft.result === 0 && draft.operation === "rename") {
    const exchanged = (flags & RENAME_EXCHANGE) !== 0;
    context.files.moved(draft.path, draft.path2, exchanged);
    context.moved(draft.path, draft.path2, exchanged);
  } else if (draft.result === 0) {
    context.files.made(draft.path2);
    context.changed(draft.path2);
  }
  context.emit(draft);
}

function symlink(context: TraceContext, call: Call): void {
  const draft = byPath(context, call, 0);
  if (draft === undefined) return;
  const target = parseString(call.args[call.row.path2 ?? 0])?.text;
  if (target !== undefined) draft.target = target;
  if (draft.result === 0) made(context, draft, target);
  context.emit(draft);
}

function bind(context: TraceContext, call: Call): void {
  const name = parseField(call.args[1], "sun_path");
  // Of another family, or in the abstract name space, which is no file system.
  if (name === undefined || name.startsWith("@")) return;
  const path = resolved(context, { ...call, args: [name] }, { path: 0, followLast: false });
  if (path === undefined) return;
  const draft = draftAt(context, call, path);
  if (draft.result === 0) made(context, draft);
  context.emit(draft);
}

function made(context: TraceContext, { path }: Draft, target?: string): void {
  context.files.made(path);
  context.changed(path, target);
}

function access(context: TraceContext, call: Call): void {
  if (((argument(call, "mode") ?? 0) & W_OK) === 0) return;
  const draft = byPath(context, call, argument(call, "flags") ?? 0);
  if (draft !== undefined) context.emit(draft);
}

function mmap(context: TraceContext, call: Call): void {
  const path = pathOfFd(fdArgument(call));
  if (path === undefined || call.result.errno !== undefined) return;
  if (((argument(call, "mode") ?? 0) & PROT_EXEC) === 0 || !context.files.isChanged(path.text)) return;
  context.emit(draftAt(context, call, path));
}
