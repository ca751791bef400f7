import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import { SYSTEM_PATH, throwIfAborted, type Watched } from "./command.ts";

/**
 * Runs `work` while no other process, and no other call here, holds the lock on `file`. `waiting` is told, as progress,
 * when that takes longer than usual. Throws E_IO, and E_INTERRUPTED while it waits.
 *
 * The kernel's flock(2) through util-linux's flock(1): the holder is a child whose standard input is a pipe from this
 * process, so the lock is free again the moment this process ends, also by kill -9, and no stale lock ever needs judging.
 * The child has a session of its own: Ctrl-C ends petrify in its own order, and must not free the lock before.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  waiting = "waiting for another petrify",
  watched: Watched = {},
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const release = await acquire(file, waiting, watched);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Longer than any start of an engine takes; then the user hears why nothing happens. */
const WAIT_NOTICE_MS = 1000;

async function acquire(file: string, waiting: string, { onProgress, signal }: Watched): Promise<() => Promise<void>> {
  throwIfAborted(signal);
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; exec cat"], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: SYSTEM_PATH },
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: held, resolve, reject } = Promise.withResolvers<void>();
  const refuse = (cause?: unknown) =>
    reject(new PetrifyError("E_IO", `${file} cannot be locked.`, { hint: "Install util-linux (flock).", cause }));
  holder.on("error", refuse);
  holder.on("close", () => {
    refuse();
    end();
  });
  holder.stdin.on("error", refuse);
  holder.stdout.once("data", () => resolve());
  const notice = setTimeout(() => onProgress?.(waiting), WAIT_NOTICE_MS);
  const giveUp = (): void => void holder.kill("SIGKILL");
  signal?.addEventListener("abort", giveUp);
  try {
    await held;
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    clearTimeout(notice);
    signal?.removeEventListener("abort", giveUp);
  }
  return async () => {
    holder.stdin.end();
    await ended;
  };
}
