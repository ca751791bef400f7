import { parseFd, parseNumber } from "./arguments.ts";
import type { TraceContext } from "./call.ts";
import { pathOfFd, resolved } from "./places.ts";
import type { TracedProcess } from "./processes.ts";

type Effect = (process: TracedProcess, args: readonly string[], context: TraceContext) => void;

/** include/uapi/linux/sched.h */
const CLONE_NEWNS = 0x20000;

/** What a call that succeeded changes of its process: who it is, and what its later paths mean. */
export const PROCESS_CALLS: Readonly<Record<string, Effect>> = {
  chdir: (process, args, context) => {
    process.fs.cwd = directory(process, args, context) ?? process.fs.cwd;
  },
  fchdir: (process, [fd]) => {
    process.fs.cwd = pathOfFd(parseFd(fd))?.text ?? process.fs.cwd;
  },
  chroot: (process, args, context) => {
    process.fs.root = directory(process, args, context) ?? process.fs.root;
  },
  unshare: (_process, [flags], context) => noteNamespace(parseNumber(flags) ?? 0, context),
  // Whatever kind it is: an engine's own entering is not traced, so this is a workload that moves about.
  setns: (_process, _args, context) => noteNamespace(CLONE_NEWNS, context),
  setuid: (process, args) => {
    const [uid = -1] = idsOf(args);
    if (process.effectiveUid === 0) process.uid = uid;
    process.effectiveUid = uid;
  },
  setgid: setGid,
  setreuid: setUids,
  setresuid: setUids,
  setregid: setGid,
  setresgid: setGid,
};

/** `flags` of a clone: a mount namespace of its own has mounts that nobody told. */
export function noteNamespace(flags: number, { faults }: TraceContext): void {
  if ((flags & CLONE_NEWNS) !== 0) faults.ownNamespaces++;
}

function directory(process: TracedProcess, args: readonly string[], context: TraceContext): string | undefined {
  return resolved(context, { process, args, result: { value: 0 } }, { path: 0, followLast: true })?.text;
}

/** -1 leaves an id as it is. */
function idsOf(args: readonly string[]): readonly number[] {
  return args.map((arg) => parseNumber(arg) ?? -1);
}

function setUids(process: TracedProcess, args: readonly string[]): void {
  const [real = -1, effective = -1] = idsOf(args);
  if (real !== -1) process.uid = real;
  if (effective !== -1) process.effectiveUid = effective;
}

function setGid(process: TracedProcess, args: readonly string[]): void {
  const [real = -1] = idsOf(args);
  if (real !== -1) process.gid = real;
}
