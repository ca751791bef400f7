import { constants } from "node:os";
import { PetrifyError } from "../model/errors.ts";
import { renderError } from "./errors.ts";
import { quoteForTerminal } from "../model/quote.ts";

type Cleanup = () => Promise<void> | void;

/** A cleanup that hangs, for example on an engine that died, must not keep the others from running. */
const CLEANUP_TIMEOUT_MS = 30_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type Signal = (typeof SIGNALS)[number];

const registered = new Set<Cleanup>();
const interruptionController = new AbortController();
let running: Promise<boolean> | undefined;

/** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
export const interruption: AbortSignal = interruptionController.signal;

/**
 * Has `cleanup` run at the end of the command, however it ends, the last registered first. Register *before* making the
 * thing, with a cleanup that bears its absence: a signal may come in between. The result takes the registration back.
 */
export function onCleanup(cleanup: Cleanup): () => void {
  const entry: Cleanup = () => cleanup();
  registered.add(entry);
  return () => void registered.delete(entry);
}

/** Runs what is registered, once, in reverse order. Failures are told on stderr; resolves with whether there were none. */
export function cleanUp(): Promise<boolean> {
  running ??= drain().finally(() => {
    running = undefined;
  });
  return running;
}

/** On a signal: cleans up, says so, and ends the process with 128 + its number. */
export function cleanUpOnSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => void interrupt(signal));
}

/** Three of them: someone who presses Ctrl-C again and again wants out (docker run does the same). */
const FORWARDED_SIGNALS = 2;
let taker: { readonly take: (signal: Signal) => void; left: number } | undefined;

/**
 * Until disposed, signals go to `take` (a container in the foreground, a daemon) instead of ending the command: the first `count` of
 * them, then they end it.
 */
export function takeSignals(take: (signal: Signal) => void, count = FORWARDED_SIGNALS): Disposable {
  taker = { take, left: count };
  return {
    [Symbol.dispose]() {
      taker = undefined;
    },
  };
}

async function interrupt(signal: Signal): Promise<void> {
  if (taker !== undefined && taker.left > 0) {
    taker.left--;
    taker.take(signal);
    return;
  }
  if (interruption.aborted) {
    process.stderr.write(
      `petrify: still removing what was started; after kill -9 ${process.pid} \`petrify doctor --clean\` removes the rest.\n`,
    );
    return;
  }
  interruptionController.abort();
  if (registered.size > 0) process.stderr.write(`petrify: ${signal}: removing what was started ...\n`);
  const error = (await cleanUp())
    ? new PetrifyError("E_INTERRUPTED", `Stopped by ${signal}; nothing is left running.`)
    : new PetrifyError("E_INTERRUPTED", `Stopped by ${signal}; not everything that was started could be removed.`, {
        hint: "`petrify doctor --clean` removes the rest.",
      });
  process.stderr.write(renderError(error, { json: false, debug: false }).stderr);
  process.exit(128 + constants.signals[signal]);
}

async function drain(): Promise<boolean> {
  let failures = 0;
  for (let last = [...registered].at(-1); last !== undefined; last = [...registered].at(-1)) {
    registered.delete(last);
    try {
      await withTimeout(last);
    } catch (error) {
      failures++;
      process.stderr.write(
        `petrify: cleaning up: ${quoteForTerminal(error instanceof Error ? error.message : String(error))}\n`,
      );
    }
  }
  return failures === 0;
}

async function withTimeout(cleanup: Cleanup): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`gave up after ${CLEANUP_TIMEOUT_MS / 1000} s.`)),
    CLEANUP_TIMEOUT_MS,
  );
  try {
    await Promise.race([cleanup(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
