import { LAYERED_ROOT, type LayerChange, MADE_BY } from "../../model/change.ts";
import type { WriteEvent } from "../../model/event.ts";

/**
 * What a container did before anyone watched, as far as its writable layer tells: one event for each thing that is there, by
 * a process that nobody saw. What came and went is not among it.
 */
export function pastEvents(container: string, changes: readonly LayerChange[]): readonly WriteEvent[] {
  return changes.map((change): WriteEvent => {
    const { path, entry } = change;
    return {
      container,
      timeNs: 0n,
      syscall: "",
      result: 0,
      path,
      mount: LAYERED_ROOT,
      process: { pid: 0, uid: entry?.uid ?? 0, gid: entry?.gid ?? 0, comm: "" },
      ...effectOf(change),
    };
  });
}

function effectOf({ kind, entry }: LayerChange): Pick<WriteEvent, "operation"> & Partial<WriteEvent> {
  if (entry === undefined) return { operation: "unlink" };
  const { type, mode, sizeBytes } = entry;
  if (type === "dir" && kind === "changed") return { operation: "chmod", mode };
  if (type !== "file") return { operation: MADE_BY[type] };
  const isNew = kind === "added";
  return { operation: "open", sizeBytes, ...(isNew ? { created: true, wantsCreate: true } : {}) };
}
