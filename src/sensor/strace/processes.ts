/** What threads made with CLONE_FS share: fork(2) copies it. */
export interface FileSystemView {
  /** Absolute, as the container sees it. */
  cwd: string;
  root: string;
}

export interface TracedProcess {
  readonly pid: number;
  fs: FileSystemView;
  /** Path of the executable as given to the last exec; absent before the first. */
  exe: string | undefined;
  uid: number;
  gid: number;
  /** May call setuid(2) to change the real uid. */
  effectiveUid: number;
  /** Arguments of the call that has not returned yet. */
  pending: { readonly name: string; readonly args: string } | undefined;
}

/** include/uapi/linux/sched.h */
const CLONE_FS = 0x200;
/** Calls that make a process or a thread. */
export const FORKS: ReadonlySet<string> = new Set(["fork", "vfork", "clone", "clone3"]);

/** Of the text of a clone's arguments; 0 for a plain fork. */
export function cloneFlags(text: string | undefined): number {
  return Number(/flags=(0x[0-9a-f]+)/.exec(text ?? "")?.[1] ?? 0);
}

/**
 * The processes of one trace. A child speaks before its parent's call has returned: until then it is the child of whoever is
 * just making one.
 */
export class TracedProcesses {
  readonly #known = new Map<number, TracedProcess>();
  readonly #first: Omit<TracedProcess, "pid" | "pending">;

  constructor(first: Omit<TracedProcess, "pid" | "pending">) {
    this.#first = first;
  }

  /** Those of another trace of the same container, which begin as these did. */
  another(): TracedProcesses {
    return new TracedProcesses(this.#first);
  }

  get(pid: number): TracedProcess {
    return this.#known.get(pid) ?? this.#add(pid, this.#forking());
  }

  /** A call that makes a process has returned the child's pid. */
  forked(parent: TracedProcess, child: number, args: string): void {
    const known = this.#known.get(child);
    if (known === undefined) this.#add(child, parent, args);
    // It has spoken already, and its parent was guessed: what it did itself since then stays.
    else if (known.exe === undefined) known.exe = parent.exe;
  }

  ended(pid: number): void {
    this.#known.delete(pid);
  }

  /** The thread `by` called execve and goes on as `pid`. */
  superseded(pid: number, by: number): void {
    const thread = this.#known.get(by);
    this.#known.delete(by);
    if (thread !== undefined) this.#known.set(pid, { ...thread, pid });
  }

  #forking(): TracedProcess | undefined {
    let last: TracedProcess | undefined;
    for (const process of this.#known.values()) if (FORKS.has(process.pending?.name ?? "")) last = process;
    return last;
  }

  #add(pid: number, parent: TracedProcess | undefined, args = parent?.pending?.args): TracedProcess {
    const from = parent ?? this.#first;
    const fs = parent !== undefined && (cloneFlags(args) & CLONE_FS) !== 0 ? from.fs : { ...from.fs };
    const { exe, uid, gid, effectiveUid } = from;
    const made = { pid, fs, exe, uid, gid, effectiveUid, pending: undefined };
    this.#known.set(pid, made);
    return made;
  }
}
