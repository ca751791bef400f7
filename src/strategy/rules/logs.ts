import { basename } from "node:path/posix";
import type { Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import type { LogStream } from "../../model/strategy.ts";
import { isWithin } from "../paths.ts";

/** All that is ever done to a file that is only appended to. */
const APPENDING: ReadonlySet<Operation> = new Set(["open", "write", "chmod", "chown", "utimes"]);
const IS_LOG = /\.(?:log|err|out)$|(?:^|\/)logs?\/[^/]+$/;
/** Records with a format of their own (utmp(5), lastlog(8), faillog(5)). */
const BINARY = /^(?:wtmp|btmp|lastlog|faillog|tallylog)$/;
const IS_ERROR = /err/i;

/** Whether a file is a log, by where it lies and what it is called. */
export function isLogName(path: string): boolean {
  return isWithin(path, "/var/log") || IS_LOG.test(path);
}

/** The stream that stands for a log file, by its name. */
export function streamOf(path: string): LogStream {
  return IS_ERROR.test(basename(path)) ? "stderr" : "stdout";
}

/**
 * Whether the record is of a log file of text that is only ever appended to, as far as system calls tell: never renamed, removed,
 * cut, read back or made otherwise. Who may open the stream is not told.
 */
export function isAppendedLog(record: PathRecord): boolean {
  return (
    record.type === "file" &&
    record.mount === "/" &&
    isLogName(record.path) &&
    !BINARY.test(basename(record.path)) &&
    !record.path.includes("*") &&
    record.done.every((operation) => APPENDING.has(operation)) &&
    record.failed.length === 0 &&
    !record.readBack &&
    record.movesTo.length === 0
  );
}
