import fs from "node:fs";
import { type AvcDenial, parseAvc } from "./judge/avc.ts";

/** Of auditd's log, from its end: more than a run makes. */
const TAIL_BYTES = 4 * 2 ** 20;
/** A record of /dev/kmsg is at most this long (kernel printk, PRINTK_MESSAGE_MAX). */
const RECORD_BYTES = 8192;

export interface AuditSources {
  readonly auditLog: string;
  readonly kernelLog: string;
}
const SOURCES: AuditSources = { auditLog: "/var/log/audit/audit.log", kernelLog: "/dev/kmsg" };

/** What SELinux denied since then; empty where nobody logs it, or this user may not read the log. */
export function selinuxDenials(sinceMs: number, { auditLog, kernelLog }: AuditSources = SOURCES): readonly AvcDenial[] {
  // auditd takes them all when it runs, and the kernel prints them when it does not.
  return [...read(auditLog, tail), ...read(kernelLog, records)]
    .map(parseAvc)
    .filter((denial): denial is AvcDenial => denial !== undefined && denial.timeMs >= sinceMs);
}

function read(path: string, lines: (fd: number) => readonly string[]): readonly string[] {
  let fd: number;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  } catch {
    return [];
  }
  try {
    return lines(fd);
  } catch {
    return [];
  } finally {
    fs.closeSync(fd);
  }
}

function tail(fd: number): readonly string[] {
  const { size } = fs.fstatSync(fd);
  const text = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const length = fs.readSync(fd, text, 0, text.length, size - text.length);
  return text.toString("utf8", 0, length).split("\n");
}

/** One record with each read, until there is none (EAGAIN). */
function records(fd: number): readonly string[] {
  const record = Buffer.alloc(RECORD_BYTES);
  const lines: string[] = [];
  for (;;) {
    try {
      const length = fs.readSync(fd, record);
      if (length === 0) return lines;
      lines.push(...record.toString("utf8", 0, length).split("\n"));
    } catch (error) {
      // EPIPE: what came next has been overwritten by newer records.
      if ((error as NodeJS.ErrnoException).code !== "EPIPE") return lines;
    }
  }
}
