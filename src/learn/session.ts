import type {
  ContainerHandle,
  ContainerSpec,
  Engine,
  ExecOptions,
  ExecResult,
  VolumeOptions,
} from "../engine/engine.ts";
import { newSessionId } from "../engine/sessions.ts";
import { PetrifyError } from "../model/errors.ts";
import type { LossCounters, WriteEvent } from "../model/event.ts";
import type { FileTree, ImageFacts } from "../model/image.ts";
import { ownerInContainer } from "../model/owner.ts";
import { chooseSensor } from "../sensor/choose.ts";
import type { Armed, Sensor, SensorChoice, SensorTarget, Unseen } from "../sensor/sensor.ts";
import type { RunningTest } from "./test-command.ts";

/** What a step is told while it works; a command line shows it, a test ignores it. */
export interface Progress {
  /** A few words on what happens now. */
  step(text: string): void;
  /** A sentence that stays on the screen. */
  note(text: string): void;
  /** A line that the user's test printed. */
  testOutput(line: string): void;
}
export const SILENT: Progress = { step: () => {}, note: () => {}, testOutput: () => {} };

type Consumer = (events: readonly WriteEvent[]) => void;

/**
 * One engine, one sensor and everything started with them. Disposing removes all of it: test commands, containers,
 * volumes, the BPF programs, and at last the engine when it is Petrify's own.
 */
export class Session implements AsyncDisposable {
  readonly id = newSessionId();
  readonly engine: Engine;
  readonly progress: Progress;
  readonly #consumers = new Map<string, Consumer>();
  readonly #undo: (() => Promise<void>)[] = [];
  readonly #unfinished = new Set<Promise<unknown>>();
  #sensor: Sensor | undefined;
  #lost: Error | undefined;
  #disposed: Promise<void> | undefined;

  readonly #choice: SensorChoice;

  constructor(engine: Engine, progress: Progress, sensor: SensorChoice = "auto") {
    this.engine = engine;
    this.progress = progress;
    this.#choice = sensor;
    this.defer(async () => engine[Symbol.asyncDispose]());
    this.defer(async () => engine.removeSession(this.id));
  }

  /** Runs `undo` when the session ends, last deferred first; at once when it ends already. */
  defer(undo: () => Promise<void>): void {
    if (this.#disposed === undefined) this.#undo.push(undo);
    else undo().catch(() => {});
  }

  /** Creates a container. Throws E_INTERRUPTED once the session ends, so that none appears after the removal. */
  createContainer(spec: ContainerSpec): Promise<ContainerHandle> {
    return this.uninterrupted(() => this.engine.createContainer(spec));
  }

  /** Creates a container that can be observed. */
  async createObserved(spec: ContainerSpec): Promise<ContainerHandle> {
    const sensor = await this.openSensor();
    return this.uninterrupted(() => sensor.createContainer(this.engine, spec));
  }

  /** Creates a volume that is removed with the session. Throws E_INTERRUPTED once the session ends. */
  createVolume(name: string, options: Omit<VolumeOptions, "session"> = {}): Promise<void> {
    return this.uninterrupted(() => this.engine.createVolume(name, { ...options, session: this.id }));
  }

  /** The image's content. Throws E_INTERRUPTED once the session ends: it may take a container. */
  async imageTree(image: ImageFacts): Promise<FileTree> {
    this.failIfEnding();
    return this.engine.imageTree(image, this.id);
  }

  /** Work that must not be done by halves: the end of the session waits for it. Throws E_INTERRUPTED, and starts nothing, once the session ends. */
  async uninterrupted<T>(work: () => Promise<T>): Promise<T> {
    this.failIfEnding();
    const working = work();
    this.#unfinished.add(working);
    return working.finally(() => this.#unfinished.delete(working));
  }

  /** Throws E_INTERRUPTED once the session ends: what is made from now on would be removed by nobody. */
  failIfEnding(): void {
    if (this.#disposed !== undefined) throw new PetrifyError("E_INTERRUPTED", "Petrify is ending.");
  }

  /** Events seen so far by the sensor. */
  get delivered(): number {
    return this.#sensor?.delivered ?? 0;
  }

  /**
   * Opens the sensor, once; for containers of others only the kernel's will do.
   * Throws E_SENSOR_UNAVAILABLE, and E_NOT_LOCAL or E_ROOTLESS when it cannot watch this engine's containers.
   */
  async openSensor(of: "own" | "others" = "own"): Promise<Sensor> {
    if (this.#sensor !== undefined) return this.#sensor;
    this.failIfEnding();
    const ending = new AbortController();
    const opening = chooseSensor(of === "own" ? this.#choice : "bpf", this.engine.info, {
      onEvents: (events) => this.#dispatch(events),
      onLost: (error) => {
        this.#lost = error;
      },
      onProgress: (step) => this.progress.step(step),
      onNote: (line) => this.progress.note(line),
      signal: ending.signal,
    });
    // Ended by process.exit in the middle of loading native code, the sensor's thread would abort the whole process.
    this.defer(async () => {
      ending.abort();
      await (await opening.catch(() => undefined))?.[Symbol.asyncDispose]();
    });
    const sensor = await opening;
    this.failIfEnding();
    this.#sensor = sensor;
    return sensor;
  }

  /** From now on `consumer` gets the events of this container: all of them when it has not been started yet. */
  async observe(target: SensorTarget, consumer: Consumer): Promise<Armed> {
    const sensor = await this.openSensor();
    this.#consumers.set(target.id, consumer);
    return sensor.arm(target);
  }

  /** Delivers what is left of this container's events, with the kernel's totals, and ends its observation. Throws E_SENSOR_LOST. */
  async unobserve(id: string): Promise<Unseen> {
    const sensor = await this.openSensor();
    const unseen = await sensor.disarm(id);
    this.#consumers.delete(id);
    this.#failIfLost();
    return unseen;
  }

  /** Runs a command in an observed container, observed too. */
  async exec(container: ContainerHandle, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    return (await this.openSensor()).exec(container, command, options);
  }

  /** Resolves when each event that happened before the call has been given to its consumer. */
  async flush(): Promise<void> {
    await (await this.openSensor()).flush();
  }

  async loss(): Promise<LossCounters> {
    return (await this.openSensor()).loss();
  }

  /** Ends the command when the session ends first. */
  running(test: RunningTest): void {
    this.defer(async () => test.kill());
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#unfinished);
    let failure: unknown;
    for (const undo of this.#undo.toReversed()) {
      // One thing that cannot be removed must not keep the others.
      await undo().catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure !== undefined) throw failure;
  }

  #dispatch(told: readonly WriteEvent[]): void {
    const { remappedRoot } = this.engine.info;
    const events =
      remappedRoot === undefined
        ? told
        : told.map((event) => ({
            ...event,
            process: { ...event.process, ...ownerInContainer(event.process, remappedRoot) },
          }));
    let from = 0;
    for (let to = 1; to <= events.length; to++) {
      const container = events[from]?.container;
      if (container === undefined || events[to]?.container === container) continue;
      this.#consumers.get(container)?.(events.slice(from, to));
      from = to;
    }
  }

  #failIfLost(): void {
    if (this.#lost !== undefined)
      throw new PetrifyError("E_SENSOR_LOST", "The sensor stopped in the middle of the run.", {
        hint: "Nothing of this run is kept; run the command again.",
        cause: this.#lost,
      });
  }
}
