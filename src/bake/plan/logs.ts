import { basename } from "node:path/posix";
import type { LayerChange } from "../../model/change.ts";
import type { Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { isWithin } from "../../strategy/paths.ts";
import { unsafeText } from "./names.ts";
import type { LinkItem, Streams } from "./types.ts";

/** All that is ever done to a file that is only appended to. */
const APPENDING: ReadonlySet<Operation> = new Set(["open", "write", "chmod", "chown", "utimes"]);
const IS_LOG = /\.(?:log|err|out)$|(?:^|\/)logs?\/[^/]+$/;
/** Records with a format of their own (utmp(5), lastlog(8), faillog(5)). */
const BINARY = /^(?:wtmp|btmp|lastlog|faillog|tallylog)$/;
const IS_ERROR = /err/i;

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
    const stream = IS_ERROR.test(basename(path)) ? "stderr" : "stdout";
    const grows = isAppended(layer.get(path), after === undefined ? layer.get(path) : after.get(path));
    if (!isLogFile(record) || movedTo.has(path) || !grows) return [];
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

/** Whether a file is a log, by where it lies and what it is called. */
export function isLogName(path: string): boolean {
  return isWithin(path, "/var/log") || IS_LOG.test(path);
}

function isLogFile(record: PathRecord): boolean {
  return (
    record.type === "file" &&
    record.mount === "/" &&
    record.created &&
    isLogName(record.path) &&
    !BINARY.test(basename(record.path)) &&
    unsafeText(record.path) === undefined &&
    !record.path.includes("*") &&
    record.done.every((operation) => APPENDING.has(operation)) &&
    record.failed.length === 0 &&
    !record.readBack &&
    record.movesTo.length === 0
  );
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
