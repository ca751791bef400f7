import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { PetrifyError } from "../../src/model/errors.ts";

export interface StepOptions {
  /** What the step does, for error messages: `installing nginx`. */
  readonly what: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Gets the standard output, which then is no longer part of error messages. */
  readonly onStdout?: (stdout: Readable) => Promise<void>;
  readonly signal?: AbortSignal;
}

const TAIL_CHARS = 8192;

/** Runs a command; resolves with its standard output. Throws E_DISK_FULL, E_IO, E_INTERRUPTED. */
export async function run(command: readonly string[], options: StepOptions): Promise<string> {
  const [file, ...args] = command as [string, ...string[]];
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.signal === undefined ? {} : { signal: options.signal, killSignal: "SIGKILL" as const }),
  });
  let stdout = "";
  let tail = "";
  const keep = (chunk: string): void => {
    tail = (tail + chunk).slice(-TAIL_CHARS);
  };
  child.stderr.setEncoding("utf8").on("data", keep);
  const consumed =
    options.onStdout?.(child.stdout) ??
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      keep(chunk);
    });
  // A child that ends without reading closes the pipe: its exit code says what went wrong.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  try {
    const [[exitCode]] = await Promise.all([once(child, "close"), consumed]);
    if (exitCode !== 0) throw failure(options.what, tail);
  } catch (cause) {
    if (options.signal?.aborted === true)
      throw new PetrifyError("E_INTERRUPTED", `Stopped while ${options.what}.`, { cause });
    if (cause instanceof PetrifyError) throw cause;
    throw failure(options.what, String(cause), cause);
  }
  return stdout;
}

/**
 * Like `run`, in mount and process namespaces of its own that end with this process, even when it is killed:
 * what the command mounts or starts can then not outlive it.
 */
export function runIsolated(command: readonly string[], options: StepOptions): Promise<string> {
  const guard = [
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  return run([...guard, ...command], options);
}

const KNOWN_FAILURES: readonly {
  readonly pattern: RegExp;
  readonly code: "E_DISK_FULL" | "E_IO";
  readonly message: (what: string) => string;
  readonly hint: string;
}[] = [
  {
    pattern: /No space left on device|ENOSPC|not have enough free space/,
    code: "E_DISK_FULL",
    message: (what) => `The disk is full while ${what}.`,
    hint: "Free about 1.5 GB, or name a folder on another disk in PETRIFY_CACHE.",
  },
  {
    pattern:
      /Temporary failure resolving|Could not (connect|resolve)|Unable to connect|Network is unreachable|Connection (failed|refused|timed out)/,
    code: "E_IO",
    message: (what) => `The package mirror cannot be reached while ${what}.`,
    hint: "The first run needs the network that apt uses; check it with `apt-get update`. Later runs work without.",
  },
  {
    pattern: /Unable to locate package|has no installation candidate/,
    code: "E_IO",
    message: (what) => `A package is not known to apt while ${what}.`,
    hint: "Run `apt-get update`.",
  },
];

/** The error for a step that failed, told from what it printed last. */
export function failure(what: string, output: string, cause?: unknown): PetrifyError {
  const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(output));
  if (known !== undefined) return new PetrifyError(known.code, known.message(what), { hint: known.hint, cause });
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const told = lines.findLast((line) => /^(E|dpkg|mount|tar): /.test(line)) ?? lines.at(-1) ?? "no output";
  return new PetrifyError("E_IO", `Failed while ${what}: ${told.trim()}`, { cause });
}
