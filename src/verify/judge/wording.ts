import { basename } from "node:path/posix";
import type { Errno, Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import { quoteForTerminal } from "../../model/quote.ts";

/** What the process could not do; the path follows. */
const COULD_NOT: Readonly<Record<Operation, string>> = {
  open: "open for writing",
  mkdir: "create",
  rmdir: "remove",
  unlink: "remove",
  rename: "rename",
  link: "link",
  symlink: "create",
  mknod: "create",
  bind: "create the socket",
  chmod: "change the mode of",
  chown: "change the owner of",
  utimes: "set the times of",
  xattr: "set attributes of",
  truncate: "truncate",
  fallocate: "reserve space in",
  write: "write to",
  access: "get leave to write to",
  read: "read",
  exec: "execute",
  mapexec: "load code from",
};

/** `nginx could not create /var/lib/nginx/body (mkdir: EROFS)`. */
export function failureMessage(record: PathRecord, operation: Operation, errno: Errno, makes: boolean): string {
  // Only to make a file without a name in it (O_TMPFILE) is a directory opened for writing.
  const opened = record.type === "dir" ? "create a file in" : makes ? "create" : COULD_NOT.open;
  const verb = operation === "open" ? opened : COULD_NOT[operation];
  return `${processes(record.by)} could not ${verb} ${quoteForTerminal(record.path)} (${operation}: ${errno})`;
}

/** `nginx`, `nginx and sh`, `nginx and 2 others`. */
export function processes(by: readonly string[]): string {
  const [first, ...others] = [...new Set(by.map((exe) => quoteForTerminal(basename(exe))))];
  if (first === undefined) return "a process";
  if (others.length === 0) return first;
  return others.length === 1 ? `${first} and ${others[0]}` : `${first} and ${others.length} others`;
}
