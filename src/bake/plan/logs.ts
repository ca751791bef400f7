import type { LayerChange } from "../../model/change.ts";
import type { PathRecord } from "../../model/profile.ts";
import { isAppendedLog, streamOf } from "../../strategy/rules/logs.ts";
import { unsafeText } from "../../model/plain-name.ts";
import type { LinkItem, Streams } from "./types.ts";

export interface LogInput {
  readonly records: readonly PathRecord[];
  /** Of the first fresh start: when it was up, and after the test. */
  readonly up: readonly LayerChange[];
  readonly tested?: readonly LayerChange[] | undefined;
  readonly streams: readonly Streams[];
}

/**
 * Log files that can be links to the container's own streams: only ever appended to, never renamed or read, and written by a user
 * who may open the stream. The kernel opens it anew: others than its owner and root are refused (proc_pid_fd(5)).
 */
export function logLinks({ records, up, tested, streams }: LogInput): readonly LinkItem[] {
  const layer = new Map(up.map((change) => [change.path, change]));
  const after = tested === undefined ? undefined : new Map(tested.map((change) => [change.path, change]));
  const movedTo = new Set(records.flatMap((record) => record.movesTo));
  return records.flatMap((record): readonly LinkItem[] => {
    const { path } = record;
    const stream = streamOf(path);
    const grows = isAppended(layer.get(path), after === undefined ? layer.get(path) : after.get(path));
    if (!isBakeable(record) || movedTo.has(path) || !grows) return [];
    if (!streams.every((one) => mayOpen(record.uids, one[stream]))) return [];
    return [
      {
        what: "log",
        path,
        target: `/dev/${stream}`,
        why: "it is only appended to: the engine keeps it as the container's log",
      },
    ];
  });
}

function isBakeable(record: PathRecord): boolean {
  return isAppendedLog(record) && record.created && unsafeText(record.path) === undefined;
}

/** A file of text whose beginning stays. */
function isAppended(before: LayerChange | undefined, after: LayerChange | undefined): boolean {
  if (before?.kind !== "added" || before.entry?.type !== "file" || after?.entry?.type !== "file") return false;
  const [start, end] = [before.content, after.content];
  if (!(start instanceof Uint8Array)) return start === "too large";
  if (start.includes(0)) return false;
  return !(end instanceof Uint8Array) ? end === "too large" : start.every((byte, index) => byte === end[index]);
}

function mayOpen(uids: readonly number[], stream: Streams["stdout"]): boolean {
  return stream !== undefined && uids.every((uid) => uid === 0 || uid === stream.uid);
}
