import { spawn } from "node:child_process";
import { PetrifyError } from "../../model/errors.ts";

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** For work that takes long enough to be watched and broken off. */
export interface Watched {
  /** One short line at a time. */
  readonly onProgress?: (line: string) => void;
  /** Aborted: what runs is killed, nothing half-done stays, and the work throws E_INTERRUPTED. */
  readonly signal?: AbortSignal;
}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

/** Enough for the tools of a Debian base system, and nothing of the caller's environment. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Runs a system tool with messages in English and collects what it prints; a tool that is not there has exit code 127.
 * It runs in a session of its own: Ctrl-C must not break it off half-way, petrify does that in its own order, by the
 * signal. Throws E_INTERRUPTED.
 */
export function command(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = spawn(file, args, {
    cwd: options.cwd ?? "/",
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: SYSTEM_PATH, LC_ALL: "C", ...proxyEnvironment(), ...options.env },
    killSignal: "SIGKILL",
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const line of text.split("\n")) if (line.trim() !== "") options.onLine?.(line.trim());
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.on("error", (error) => resolve({ exitCode: 127, stdout, stderr: error.message }));
  child.on("close", (code) => resolve({ exitCode: code ?? 1, stdout, stderr }));
  return promise.then((result) => {
    throwIfAborted(options.signal);
    return result;
  });
}

/** Throws E_INTERRUPTED. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new PetrifyError("E_INTERRUPTED", "Stopped before it was done.");
}

/** apt-get fetches through the proxy that the user's shell names. */
function proxyEnvironment(): Record<string, string> {
  const names = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
