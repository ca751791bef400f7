/** One thing that was looked at. */
export interface Finding {
  /** Stable name for scripts: `sensor`, `engine`, `tmpfs.runc`. */
  readonly id: string;
  readonly name: string;
  /** `fail`: learn and verify cannot work. `warn`: they can, with the limits named. */
  readonly status: "ok" | "warn" | "fail";
  /** What was found, one line. */
  readonly found: string;
  /** What to do about it. */
  readonly action?: string;
}

export interface DoctorReport {
  readonly findings: readonly Finding[];
}

export function ok(id: string, name: string, found: string): Finding {
  return { id, name, status: "ok", found };
}
export function warn(id: string, name: string, found: string, action: string): Finding {
  return { id, name, status: "warn", found, action };
}
export function fail(id: string, name: string, found: string, action: string): Finding {
  return { id, name, status: "fail", found, action };
}
