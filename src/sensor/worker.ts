import { parentPort, workerData } from "node:worker_threads";
import { PetrifyError } from "../model/errors.ts";
import { Collector } from "./collector.ts";
import type { Failure, Message, NumberedRequest, Request, WorkerInput } from "./protocol.ts";

// The sensor's thread. It reads the ring on a timer of its own, so that a main thread that is busy for seconds loses nothing:
// what was read waits in the message queue.

/** The ring is read this often while events come, and ever more seldom when none do. */
const SHORTEST_POLL_MS = 2;
const LONGEST_POLL_MS = 20;
/**
 * Events that may wait for the main thread. With more of them the ring is left to fill, where the kernel counts what repeats:
 * the message queue would grow without bound.
 */
const MOST_WAITING_EVENTS = 200_000;

function say(message: Message): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  parentPort?.postMessage(message);
}

function failureOf(error: unknown): Failure {
  if (error instanceof PetrifyError)
    return {
      code: error.code,
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  return { code: "E_INTERNAL", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function serve(collector: Collector, isBehind: () => boolean): void {
  let timer: NodeJS.Timeout;
  let pauseMs = SHORTEST_POLL_MS;
  const poll = (): void => {
    const read = isBehind() ? 0 : collector.poll();
    pauseMs = read > 0 ? SHORTEST_POLL_MS : Math.min(pauseMs * 2, LONGEST_POLL_MS);
    timer = setTimeout(poll, pauseMs);
  };
  poll();

  const answer = (number: number, request: Request): void => {
    switch (request.do) {
      case "arm":
        pauseMs = SHORTEST_POLL_MS;
        say({ say: "done", number, repeated: 0, wasRunning: collector.arm(request.id, request.readsSinceNs) });
        return;
      case "disarm":
        collector.disarm(request.id);
        break;
      case "flush":
        collector.drain();
        break;
      case "loss":
        say({ say: "done", number, repeated: collector.repeated(), loss: collector.loss() });
        return;
      case "close":
        clearTimeout(timer);
        collector.close();
        say({ say: "done", number, repeated: 0 });
        parentPort?.close();
        return;
    }
    say({ say: "done", number, repeated: collector.repeated() });
  };
  parentPort?.on("message", ({ number, request }: NumberedRequest) => {
    try {
      answer(number, request);
    } catch (error) {
      say({ say: "failed", number, failure: failureOf(error) });
    }
  });
}

try {
  const input = workerData as WorkerInput;
  let posted = 0;
  const collector = new Collector(input, (batch) => {
    posted += batch.events.length;
    say({ say: "events", ...batch });
  });
  serve(collector, () => posted - Number(Atomics.load(input.finishedEvents, 0)) > MOST_WAITING_EVENTS);
  say({ say: "ready" });
} catch (error) {
  say({ say: "unavailable", failure: failureOf(error) });
}
