import { spawn } from "node:child_process";
import { type ErrorCode, PetrifyError } from "../../model/errors.ts";

export interface ToolCall {
  readonly program: string;
  readonly args: readonly string[];
  /** With which a tool that takes too long, or prints too much, ends. */
  readonly code: ErrorCode;
  readonly timeoutMs: number;
  readonly outputBytes: number;
  /** Aborted: the tool and what it started are killed. */
  readonly signal?: AbortSignal;
}

export interface ToolResult {
  /** Null: a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Its end, on one line. */
  readonly said: string;
}

const SAID_CHARACTERS = 500;

/**
 * Runs a tool of the user's, found on PATH, without a shell, in its own process group so that nothing of it outlives it; undefined
 * when it is not there. Throws the call's code, E_INTERRUPTED.
 */
export async function runTool(call: ToolCall): Promise<ToolResult | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<ToolResult | undefined>();
  const { program, args, signal } = call;
  const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  let stderr = "";
  const giveUp = (error: PetrifyError): void => {
    killGroup(child.pid);
    reject(error);
  };
  const onAbort = (): void => giveUp(new PetrifyError("E_INTERRUPTED", `Stopped while ${program} ran.`));
  const timer = setTimeout(
    () => giveUp(tooMuch(call, `takes longer than ${Math.round(call.timeoutMs / 1000)} s`)),
    call.timeoutMs,
  );
  child.stdout.on("data", (part: Buffer) => {
    sizeBytes += part.length;
    if (sizeBytes > call.outputBytes)
      giveUp(tooMuch(call, `prints more than ${Math.round(call.outputBytes / 2 ** 20)} MiB`));
    else parts.push(part);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-SAID_CHARACTERS)));
  child.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") resolve(undefined);
    else
      reject(
        new PetrifyError(call.code, `${program} cannot be run: ${error.code ?? error.message}.`, { cause: error }),
      );
  });
  child.on("close", (exitCode) =>
    resolve({ exitCode, stdout: Buffer.concat(parts).toString("utf8"), said: stderr.trim().replaceAll(/\s+/g, " ") }),
  );
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function tooMuch({ code, program }: ToolCall, what: string): PetrifyError {
  return new PetrifyError(code, `${program} ${what} and was ended.`, {
    hint: `Run it by hand and pipe what it gives into petrify audit -.`,
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
