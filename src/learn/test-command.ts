import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { PetrifyError } from "../model/errors.ts";
import { WholeLines } from "./whole-lines.ts";

export interface TestTarget {
  /** The session that the container belongs to. */
  readonly session: string;
  /** Container name. */
  readonly name: string;
  readonly phase: string;
  /** `80` or `53_UDP` -> address. */
  readonly ports: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** The engine, in DOCKER_HOST's form. */
  readonly engineHost: string;
}

/** Environment that tells a test command where the workload is: PETRIFY_NAME, PETRIFY_HOST, PETRIFY_PORT, PETRIFY_PORT_80, PETRIFY_PHASE, PETRIFY_SESSION, DOCKER_HOST. */
export function testEnvironment(target: TestTarget): Readonly<Record<string, string>> {
  const [first] = target.ports.values();
  return {
    PETRIFY_NAME: target.name,
    PETRIFY_PHASE: target.phase,
    PETRIFY_SESSION: target.session,
    DOCKER_HOST: target.engineHost,
    ...(first === undefined ? {} : { PETRIFY_HOST: first.host, PETRIFY_PORT: String(first.port) }),
    ...Object.fromEntries([...target.ports].map(([key, address]) => [`PETRIFY_PORT_${key}`, String(address.port)])),
  };
}

export interface RunningTest {
  /** Exit code; 128+n when a signal ended it, 124 after the timeout. */
  readonly exitCode: Promise<number>;
  /** The last lines it printed, for error messages. */
  output(): string;
  /** Ends the command and everything it started. */
  kill(): void;
}

const OUTPUT_TAIL_CHARS = 8192;
const TIMEOUT_EXIT_CODE = 124;
/**
 * After a kill -9 nobody ends the group. With the session and the group in its environment `doctor --clean` finds it, and
 * tells it from a daemon that the command started on purpose, in a group of its own.
 */
const NAME_GROUP = 'PETRIFY_TEST_GROUP=$$ exec /bin/sh -c "$1"';

/**
 * Starts the user's test command with /bin/sh on this host, in a process group of its own so that it can be ended with all it started.
 * Its output goes to `onLine`, line by line, and never to stdout, which carries Petrify's result.
 */
export function startTestCommand(
  command: string,
  environment: Readonly<Record<string, string>>,
  timeoutMs: number,
  onLine: (line: string) => void,
): RunningTest {
  const child = spawn("/bin/sh", ["-c", NAME_GROUP, "sh", command], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let tail = "";
  const streams = [child.stdout, child.stderr].map((stream) => {
    const lines = new WholeLines(onLine);
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      tail = (tail + chunk).slice(-OUTPUT_TAIL_CHARS);
      lines.take(chunk);
    });
    return { stream, lines };
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeoutMs);
  const exitCode = new Promise<number>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new PetrifyError("E_IO", "The test command could not be started.", { cause })),
    );
    // `exit`, not `close`: a daemon that the test leaves behind keeps the pipes open for ever.
    child.once("exit", (code, signal) => resolve(timedOut ? TIMEOUT_EXIT_CODE : (code ?? signalExitCode(signal))));
  }).finally(async () => {
    clearTimeout(timer);
    killGroup(child);
    // What the command printed last may still be in the pipe.
    await new Promise((resolve) => setImmediate(resolve));
    for (const { stream, lines } of streams) {
      stream.destroy();
      lines.end();
    }
  });
  return { exitCode, output: () => tail, kill: () => killGroup(child) };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

function signalExitCode(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 1 : constants.signals[signal]);
}
