import { Worker } from "node:worker_threads";
import { assetPath } from "../assets.ts";
import { PetrifyError } from "../model/errors.ts";
import type { LossCounters } from "../model/event.ts";
import { NO_LOSS } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";
import type { Answer, Failure, Message, NumberedRequest, Request, WorkerInput } from "./protocol.ts";
import type { ContainerHandle, ContainerSpec, Engine, ExecOptions, ExecResult } from "../engine/engine.ts";
import {
  type Armed,
  NOTHING_UNSEEN,
  type Sensor,
  type SensorOptions,
  type SensorTarget,
  type Unseen,
} from "./sensor.ts";
import { settleByTree } from "./settle-by-tree.ts";

const DEFAULT_RING_BYTES = 16 * 2 ** 20;
const NS_PER_MS = 1_000_000n;

/** A container does nothing before its first exec: without one its cgroup is not where the sensor looks. */
const NO_PROGRAM = "no program of the container was seen to start: what it did was not observed";

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Loads the sensor into the kernel. Throws E_SENSOR_UNAVAILABLE with the reason and the way out. */
export async function openSensor(options: SensorOptions): Promise<Sensor> {
  const sensor = new BpfSensor(options);
  await sensor.opened;
  return sensor;
}

class BpfSensor implements Sensor {
  readonly kind = "bpf";
  readonly opened: Promise<void>;
  delivered = 0;
  repeated = 0;
  readonly #finishedEvents = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  readonly #options: SensorOptions;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #trees = new Map<string, FileTree>();
  readonly #comingTrees = new Map<string, Promise<void>>();
  /** In order: what came behind events that wait for a tree. */
  #waiting: HeardMessage[] = [];
  readonly #armed = new Map<string, { readonly repeatedBefore: number; sawProgram: boolean }>();
  #lastNumber = 0;
  #end: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SensorOptions) {
    this.#options = options;
    const workerData: WorkerInput = {
      objectPath: assetPath(process.arch === "arm64" ? "petrify.aarch64.bpf.o" : "petrify.x86_64.bpf.o"),
      ringBytes: options.ringBytes ?? DEFAULT_RING_BYTES,
      finishedEvents: this.#finishedEvents,
    };
    this.#worker = new Worker(assetPath("sensor-worker.mjs"), { workerData, name: "petrify-sensor", execArgv: [] });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    this.#worker.on("message", (message: Message) => {
      if (message.say === "ready") resolve();
      else if (message.say === "unavailable") {
        this.#end = errorOf(message.failure);
        reject(this.#end);
      } else this.#hear(message);
    });
    const lost = (cause?: unknown): void => {
      const error = new PetrifyError("E_SENSOR_LOST", "The sensor's thread ended.", { cause });
      reject(error);
      this.#lose(error);
    };
    this.#worker.on("error", lost);
    this.#worker.on("exit", () => lost());
  }

  createContainer(engine: Engine, spec: ContainerSpec): Promise<ContainerHandle> {
    return engine.createContainer(spec);
  }

  exec(container: ContainerHandle, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    return container.exec(command, options);
  }

  async arm(target: SensorTarget): Promise<Armed> {
    if (target.tree !== undefined) this.#expectTree(target.id, target.tree);
    const readsSinceNs = target.readsSinceNs ?? BigInt(Date.now()) * NS_PER_MS;
    const { wasRunning = false } = await this.#ask({ do: "arm", id: target.id, readsSinceNs });
    this.#armed.set(target.id, { repeatedBefore: this.repeated, sawProgram: wasRunning });
    return { wasRunning };
  }

  async disarm(id: string): Promise<Unseen> {
    await this.#ask({ do: "disarm", id });
    this.#trees.delete(id);
    this.#comingTrees.delete(id);
    const armed = this.#armed.get(id);
    this.#armed.delete(id);
    if (armed === undefined) return NOTHING_UNSEEN;
    const repeated = this.repeated - armed.repeatedBefore;
    return {
      incomplete: armed.sawProgram ? [] : [NO_PROGRAM],
      notes: repeated === 0 ? [] : [`${repeated} attempts came too fast and repeated others: they were only counted`],
    };
  }

  async flush(): Promise<void> {
    await this.#ask({ do: "flush" });
  }

  async loss(): Promise<LossCounters> {
    return (await this.#ask({ do: "loss" })).loss ?? NO_LOSS;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#end !== undefined) return;
    const exited = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    const closed = this.#ask({ do: "close" });
    this.#end = new PetrifyError("E_SENSOR_LOST", "The sensor is closed.");
    await closed;
    await exited;
  }

  #ask(request: Request): Promise<Answer> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const number = ++this.#lastNumber;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#pending.set(number, { resolve, reject });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    this.#worker.postMessage({ number, request } satisfies NumberedRequest);
    return promise;
  }

  #expectTree(id: string, tree: FileTree | Promise<FileTree | undefined>): void {
    if (!(tree instanceof Promise)) {
      this.#trees.set(id, tree);
      return;
    }
    const come = tree.then(
      (known) => {
        if (this.#comingTrees.get(id) !== come) return;
        this.#comingTrees.delete(id);
        if (known !== undefined) this.#trees.set(id, known);
      },
      () => void this.#comingTrees.delete(id),
    );
    this.#comingTrees.set(id, come);
  }

  #hear(message: HeardMessage): void {
    if (this.#waiting.length === 0) {
      const tree = this.#treeToWaitFor(message);
      if (tree === undefined) {
        this.#take(message);
        return;
      }
      void tree.then(() => {
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const one of waiting) this.#hear(one);
      });
    }
    this.#waiting.push(message);
  }

  #treeToWaitFor(message: HeardMessage): Promise<void> | undefined {
    if (message.say !== "events" || this.#comingTrees.size === 0) return undefined;
    for (const { index } of message.unsettled) {
      const tree = this.#comingTrees.get(message.events[index]?.container ?? "");
      if (tree !== undefined) return tree;
    }
    return undefined;
  }

  #take(message: HeardMessage): void {
    if (message.say === "events") {
      const events = settleByTree(message.events, message.unsettled, this.#trees);
      this.delivered += events.length;
      for (const { operation, container } of events) if (operation === "exec") this.#noteProgram(container);
      this.#options.onEvents(events);
      Atomics.add(this.#finishedEvents, 0, BigInt(events.length));
      return;
    }
    const pending = this.#pending.get(message.number);
    this.#pending.delete(message.number);
    if (message.say === "failed") return pending?.reject(errorOf(message.failure));
    this.repeated = Math.max(this.repeated, message.repeated);
    pending?.resolve(message);
  }

  #noteProgram(container: string): void {
    const armed = this.#armed.get(container);
    if (armed !== undefined) armed.sawProgram = true;
  }

  #lose(error: Error): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#options.onLost?.(error);
  }
}

type HeardMessage = Exclude<Message, { say: "ready" | "unavailable" }>;

function errorOf(failure: Failure): PetrifyError {
  return new PetrifyError(failure.code, failure.message, failure.hint === undefined ? {} : { hint: failure.hint });
}
