import { PetrifyError } from "./errors.ts";

/** No room on the disk, within a quota, or within the process's own limit (RLIMIT_FSIZE). */
const DISK_FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Whether an errno means that nothing more can be stored there. */
export function isDiskFull(errno: string): boolean {
  return DISK_FULL.has(errno);
}

/** What a failed write to `path` means: E_DISK_FULL or E_IO. */
export function writeFailure(path: string, cause: unknown): PetrifyError {
  const errno = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const full = isDiskFull(errno);
  return new PetrifyError(full ? "E_DISK_FULL" : "E_IO", `${path} cannot be written: ${errno}.`, {
    hint: full ? "Free some space, or name another folder." : "Name a place that can be written.",
    cause,
  });
}
