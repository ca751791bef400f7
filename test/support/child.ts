import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A test's own child process, the leader of a process group. */
export interface Child {
  readonly pid: number;
  /** First line that it prints; rejects with its errors when it ends without one. */
  readonly firstLine: Promise<string>;
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** Like Ctrl-C on its terminal. */
  interruptGroup(): void;
}

export function startChild(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const child: ChildProcess = spawn(file, args, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || stdin === null || stdout === null || stderr === null)
    throw new Error(`${file} cannot be run`);
  let errors = "";
  stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const first = Promise.withResolvers<string>();
  first.promise.catch(() => undefined);
  createInterface(stdout).once("line", first.resolve);
  const ended = Promise.withResolvers<number | string>();
  child.on("close", (code, signal) => {
    first.reject(new Error(`${file} ${args.join(" ")} ended: ${errors}`));
    ended.resolve(signal ?? code ?? -1);
  });
  return {
    pid,
    firstLine: first.promise,
    ended: ended.promise,
    endInput: () => stdin.end(),
    kill: (signal) => void child.kill(signal),
    interruptGroup: () => void process.kill(-pid, "SIGINT"),
  };
}
