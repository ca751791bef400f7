/** How a workload is exercised in each phase. */
export interface TestPlan {
  /** Shell command run on this host; its exit code counts. */
  readonly command?: string;
  /** Command run inside the container; its exit code counts. */
  readonly exec?: string;
  /** Without `command` and `exec`: GET the pages of each port that speaks HTTP. */
  readonly probe?: true;
  /** Signals that the workload is sent after the test, in this order: `SIGHUP`. */
  readonly signals?: readonly string[];
  /** Observe at least this long after the workload is ready. */
  readonly forMs?: number;
  /** How long to wait for a health check, or for exposed ports to listen. */
  readonly readyTimeoutMs: number;
  /** How long one run of the test may take. */
  readonly timeoutMs: number;
  /** Seconds between the stop signal and SIGKILL; the workload's own when absent. */
  readonly stopTimeoutSeconds?: number;
}

export const DEFAULT_READY_TIMEOUT_MS = 60_000;
export const DEFAULT_TEST_TIMEOUT_MS = 15 * 60_000;

/** Whether the user said how to exercise it. */
export function isTested(plan: Pick<TestPlan, "command" | "exec">): boolean {
  return plan.command !== undefined || plan.exec !== undefined;
}

// Characters that only a shell understands; a command without them needs no shell in the image.
const NEEDS_SHELL = /[|&;<>()$`\\"'*?[\]#~%!{}\n]/;

/** Argument list for a command text: its words, or `sh -c` when it holds shell syntax. */
export function execArguments(command: string): readonly string[] {
  return NEEDS_SHELL.test(command) ? ["/bin/sh", "-c", command] : command.trim().split(/\s+/);
}
