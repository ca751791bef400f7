import type { ErrorCode } from "../model/errors.ts";
import type { ProgramSet } from "./libbpf.ts";
import type { LossCounters, MountRef, WriteEvent } from "../model/event.ts";
import type { Unsettled } from "./event-builder.ts";

/** What the main thread asks of the sensor's worker. */
export type Request =
  | { readonly do: "arm"; readonly id: string; readonly readsSinceNs: bigint }
  | { readonly do: "disarm"; readonly id: string }
  | { readonly do: "flush" }
  | { readonly do: "loss" }
  | { readonly do: "close" };

export interface NumberedRequest {
  readonly number: number;
  readonly request: Request;
}

/** An event of a batch that wants the main thread's file tree. */
export interface UnsettledEvent {
  /** In the batch. */
  readonly index: number;
  readonly ends: readonly Unsettled[];
  readonly mounts: readonly MountRef[];
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** What a request gives back; each field by the request that asks for it. */
export interface Answer {
  readonly loss?: LossCounters;
  readonly wasRunning?: boolean;
}

/** What the worker says. Batches and answers come in order: an answer comes after the events before it. */
export type Message =
  | { readonly say: "ready" }
  | { readonly say: "unavailable"; readonly failure: Failure }
  | { readonly say: "events"; readonly events: readonly WriteEvent[]; readonly unsettled: readonly UnsettledEvent[] }
  | ({ readonly say: "done"; readonly number: number; readonly repeated: number } & Answer)
  | { readonly say: "failed"; readonly number: number; readonly failure: Failure };

export interface CollectorInput {
  readonly objectPath: string;
  readonly ringBytes: number;
  /** The set of programs to take; default: the first that the kernel accepts. */
  readonly programs?: ProgramSet;
}

export interface WorkerInput extends CollectorInput {
  /** One number, counted up by the main thread: events it has finished with. */
  readonly finishedEvents: BigInt64Array;
}
