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
 * The child has a session of its own: Ctrl-C ends petrify in its own order, and must not free the lock before. It gets that
 * session a moment after it was forked; a Ctrl-C in that moment ends it, and it is started once more.
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

/** More than fingers press Ctrl-C; a kernel that ends every holder must not keep petrify here. */
const HOLDER_STARTS = 10;

type Release = () => Promise<void>;

async function acquire(file: string, waiting: string, watched: Watched): Promise<Release> {
  for (let starts = 0; starts < HOLDER_STARTS; starts++) {
    const release = await startHolder(file, waiting, watched);
    if (release !== undefined) return release;
  }
  throw cannotLock(file);
}

/** Undefined when a signal that was not meant for the holder ended it before it had the lock. */
async function startHolder(
  file: string,
  waiting: string,
  { onProgress, signal }: Watched,
): Promise<Release | undefined> {
  throwIfAborted(signal);
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; exec cat"], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: SYSTEM_PATH },
  });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: held, resolve, reject } = Promise.withResolvers<boolean>();
  holder.on("error", (cause) => reject(cannotLock(file, cause)));
  holder.on("close", (_code, killedBy) => {
    if (killedBy === null) reject(cannotLock(file));
    else resolve(false);
    end();
  });
  // Whatever it is that breaks the pipe, the end of the holder tells it.
  holder.stdin.on("error", () => undefined);
  holder.stdout.once("data", () => resolve(true));
  const notice = setTimeout(() => onProgress?.(waiting), WAIT_NOTICE_MS);
  const giveUp = (): void => void holder.kill("SIGKILL");
  signal?.addEventListener("abort", giveUp);
  try {
    if (!(await held)) {
      throwIfAborted(signal);
      return undefined;
    }
  } finally {
    clearTimeout(notice);
    signal?.removeEventListener("abort", giveUp);
  }
  return async () => {
    holder.stdin.end();
    await ended;
  };
}

function cannotLock(file: string, cause?: unknown): PetrifyError {
  return new PetrifyError("E_IO", `${file} cannot be locked.`, { hint: "Install util-linux (flock).", cause });
}
