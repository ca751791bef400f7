import { LAYERED_ROOT, type LayerChange, MADE_BY } from "../../model/change.ts";
import type { Operation, WriteEvent } from "../../model/event.ts";
import type { TreeEntry } from "../../model/image.ts";
import type { Denial } from "./denials.ts";

/** What an earlier observation of the same container found changed: file sizes by path. */
export type KnownChanges = ReadonlyMap<string, number>;

export interface ChangedRoot {
  readonly container: string;
  readonly changes: readonly LayerChange[];
  readonly known: KnownChanges;
  /** What is known is from before the container was started again. */
  readonly afterRestart: boolean;
}

/**
 * The write events that explain how the root came to be as it is, and what is known from now on. What lay there before is
 * taken as read back: nobody saw whether it was, and data must not be lost for it.
 */
export function eventsOfChanges(root: ChangedRoot): {
  readonly events: readonly WriteEvent[];
  readonly known: KnownChanges;
} {
  const events: WriteEvent[] = [];
  const known = new Map<string, number>();
  for (const { path, kind, entry } of root.changes) {
    if (kind === "deleted") events.push(event(root, path, "unlink", undefined));
    if (entry === undefined) continue;
    // Something in it has changed, and is told itself.
    if (kind === "changed" && entry.type === "dir") continue;
    known.set(path, entry.sizeBytes);
    const before = root.known.get(path);
    if (before === undefined) events.push(...appeared(root, path, kind, entry));
    else if (entry.type === "file" && root.afterRestart) events.push(event(root, path, "read", entry));
    if (entry.type === "file" && before !== entry.sizeBytes)
      events.push({ ...event(root, path, "write", entry), bytes: entry.sizeBytes });
  }
  for (const path of root.known.keys()) if (!known.has(path)) events.push(event(root, path, "unlink", undefined));
  return { events, known };
}

/** The refusals that a read-only container complains of. */
export function eventsOfDenials(container: string, denials: readonly Denial[]): readonly WriteEvent[] {
  const mount = { ...LAYERED_ROOT, readOnly: true };
  return denials.map(({ path, operation }) => ({
    ...event({ container }, path, operation, undefined),
    result: "EROFS",
    mount,
  }));
}

function appeared(root: ChangedRoot, path: string, kind: LayerChange["kind"], entry: TreeEntry): readonly WriteEvent[] {
  const made = event(root, path, MADE_BY[entry.type], entry);
  if (kind === "changed") return entry.type === "file" ? [made] : [];
  return [
    {
      ...made,
      mode: entry.mode,
      ...(entry.type === "file" ? { created: true, wantsCreate: true } : {}),
      ...(entry.linkTarget === undefined ? {} : { target: entry.linkTarget }),
    },
  ];
}

function event(
  root: Pick<ChangedRoot, "container">,
  path: string,
  operation: Operation,
  entry: TreeEntry | undefined,
): WriteEvent {
  return {
    container: root.container,
    timeNs: process.hrtime.bigint(),
    operation,
    syscall: "",
    result: 0,
    path,
    process: { pid: 0, uid: entry?.uid ?? 0, gid: entry?.gid ?? 0, comm: "something" },
    mount: LAYERED_ROOT,
    ...(entry?.type === "file" ? { sizeBytes: entry.sizeBytes } : {}),
  };
}
