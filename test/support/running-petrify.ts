import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type CliResult, ROOT } from "./cli.ts";

/** A petrify that a test interrupts: the leader of its process group, as a shell starts a command on a terminal. */
export interface RunningPetrify {
  readonly pid: number;
  readonly ended: Promise<CliResult>;
  /** Resolves with true once stderr has this line (or stdout this text), with false when the command ended without it. */
  shows(text: string): Promise<boolean>;
  /** Resolves with true once a line of stderr holds this text, with false when the command ended without it. */
  says(text: string): Promise<boolean>;
  /** Like Ctrl-C on its terminal: to the whole group. */
  interrupt(): void;
  kill(signal: NodeJS.Signals): void;
  endInput(text?: string): void;
}

export function startPetrify(
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): RunningPetrify {
  const child = spawn(join(ROOT, "bin/petrify"), args, {
    cwd: options.cwd,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PETRIFY_NODE: process.execPath, ...options.env },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("petrify cannot be run");
  running.add(pid);
  let stdout = "";
  let stderr = "";
  child.stdin.on("error", () => undefined);
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let hasEnded = false;
  const ended = once(child, "close").then(() => {
    hasEnded = true;
    running.delete(pid);
    return { exitCode: child.exitCode, stdout, stderr };
  });
  const until = async (isThere: () => boolean): Promise<boolean> => {
    while (!isThere()) {
      if (hasEnded) return false;
      const { promise: more, resolve } = Promise.withResolvers<void>();
      const wake = (): void => resolve();
      for (const stream of [child.stdout, child.stderr]) stream.on("data", wake);
      await Promise.race([more, ended]);
      for (const stream of [child.stdout, child.stderr]) stream.off("data", wake);
    }
    return true;
  };
  return {
    pid,
    ended,
    shows: (text) => until(() => stdout.includes(text) || stderr.split("\n").slice(0, -1).includes(text)),
    says: (text) =>
      until(() =>
        stderr
          .split("\n")
          .slice(0, -1)
          .some((line) => line.includes(text)),
      ),
    interrupt: () => signalGroup(pid, "SIGINT"),
    kill: (signal) => void child.kill(signal),
    endInput: (text = "") => void child.stdin.end(text),
  };
}

/** A test that fails must not leave its command, and with it an engine, to the next one. */
const running = new Set<number>();
process.on("exit", () => {
  for (const pid of running) signalGroup(pid, "SIGKILL");
});

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
