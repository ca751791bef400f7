import { FOLLOWS_LAST } from "../flags.ts";
import { resolvePath } from "../resolve.ts";
import { parseFd, parseString, type TraceFd, type TraceText } from "./arguments.ts";
import { type Call, type Draft, draftAt, type TraceContext } from "./call.ts";
import type { TracedProcess } from "./processes.ts";

const AT_FDCWD = -100;
/** Files without a name: memory, and what is shared through it. */
const NAMELESS = /^\/(?:memfd:|SYSV[0-9a-f]{8}$|dev\/zero$|\[aio\]$)/;

/** Undefined for what is no file: pipes, sockets, event sources. */
export function pathOfFd(fd: TraceFd | undefined): TraceText | undefined {
  if (fd?.file === undefined || !fd.file.text.startsWith("/")) return undefined;
  return fd.deleted && NAMELESS.test(fd.file.text) ? undefined : fd.file;
}

export function byFd(context: TraceContext, call: Call, fd: TraceFd | undefined): Draft | undefined {
  // A number that is not open gives EBADF, and means nothing.
  if (fd?.file === undefined && call.result.errno === undefined) context.faults.unreadablePaths++;
  const path = pathOfFd(fd);
  return path === undefined ? undefined : draftAt(context, call, path);
}

/** `flags`: those that decide whether the last part is followed; default: the call's argument of that name. */
export function byPath(context: TraceContext, call: Call, flags: number): Draft | undefined {
  const { row } = call;
  const followLast = FOLLOWS_LAST[row.follow ?? "never"](flags);
  const path = resolved(context, call, { dirfd: row.dirfd, path: row.path, followLast });
  return path === undefined ? undefined : draftAt(context, call, path);
}

interface NamedBy {
  /** Positions of the arguments. */
  readonly dirfd?: number | undefined;
  readonly path?: number | undefined;
  readonly followLast: boolean;
}

/** The path that a call names; undefined when it names none, or none that could be read, which is counted. */
export function resolved(
  context: TraceContext,
  { process, args, result }: Pick<Call, "process" | "args" | "result">,
  named: NamedBy,
): TraceText | undefined {
  const given = named.path === undefined ? undefined : args[named.path];
  const text = parseString(given);
  const dirfd = named.dirfd === undefined ? undefined : parseFd(args[named.dirfd]);
  // Without a path, or with an empty one, the descriptor is the file: futimens(3), AT_EMPTY_PATH.
  if (given === "NULL" || text?.text === "") return pathOfFd(dirfd);
  if (text === undefined) {
    if (result.errno !== "EFAULT") context.faults.unreadablePaths++;
    return undefined;
  }
  const base = dirfd === undefined || dirfd.number === AT_FDCWD ? process.fs.cwd : pathOfFd(dirfd)?.text;
  if (base === undefined && !text.text.startsWith("/")) {
    if (result.errno === undefined) context.faults.unreadablePaths++;
    return undefined;
  }
  const { path, certain } = resolvePath(
    {
      text: text.text,
      base: base ?? "/",
      root: process.fs.root,
      followLast: named.followLast,
      succeeded: result.errno === undefined,
    },
    context.lookUp,
  );
  return { text: path, exact: certain && text.exact };
}

/** `-100<cwd>` is AT_FDCWD with the directory that strace read: nothing knows it better. */
export function noteCwd(process: TracedProcess, args: readonly string[]): void {
  for (const arg of args) {
    if (!arg.startsWith(`${AT_FDCWD}<`)) continue;
    const cwd = pathOfFd(parseFd(arg));
    if (cwd?.exact === true) process.fs.cwd = cwd.text;
  }
}
