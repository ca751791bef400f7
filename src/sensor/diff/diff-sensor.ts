import type { ContainerHandle, ContainerSpec, Engine, ExecOptions, ExecResult } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import { type LossCounters, NO_LOSS } from "../../model/event.ts";
import type { Armed, Sensor, SensorOptions, SensorTarget, Unseen } from "../sensor.ts";
import { eventsOfChanges, type KnownChanges } from "./events.ts";

const UNSEEN =
  "the engine told only what is there at the end: files that came and went, failed writes, and what was written to mounts were not seen";
const NOTES: readonly string[] = [
  "observed by the engine's changes: nobody knows which program wrote, and what outlives a restart counts as data that must persist",
];

interface Compared {
  readonly engine: Engine;
  readonly handle: ContainerHandle;
  known: KnownChanges;
  isArmed: boolean;
  /** Not compared yet since it was armed. */
  isFirst: boolean;
  unread: readonly string[];
}

/** The last resort: asks the engine after each run what has changed. Works on every engine, also on another machine. */
export class DiffSensor implements Sensor {
  readonly kind = "diff";
  readonly repeated = 0;
  delivered = 0;
  readonly #options: SensorOptions;
  readonly #containers = new Map<string, Compared>();

  constructor(options: SensorOptions) {
    this.#options = options;
  }

  async createContainer(engine: Engine, spec: ContainerSpec): Promise<ContainerHandle> {
    const handle = await engine.createContainer(spec);
    this.#containers.set(handle.id, { engine, handle, known: new Map(), isArmed: false, isFirst: true, unread: [] });
    return handle;
  }

  exec(container: ContainerHandle, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    return container.exec(command, options);
  }

  async arm({ id }: SensorTarget): Promise<Armed> {
    Object.assign(this.#of(id), { isArmed: true, isFirst: true, unread: [] });
    return { wasRunning: false };
  }

  /** Before the stop there are files that a clean stop removes. */
  async flush(): Promise<void> {
    for (const compared of this.#containers.values()) if (compared.isArmed) await this.#compare(compared);
  }

  async disarm(id: string): Promise<Unseen> {
    const compared = this.#of(id);
    await this.#compare(compared);
    compared.isArmed = false;
    return { incomplete: [UNSEEN, ...compared.unread], notes: NOTES };
  }

  async #compare(compared: Compared): Promise<void> {
    const { engine, handle, known, isFirst } = compared;
    const { changes, unread } = await engine.changes(handle);
    const found = eventsOfChanges({ container: handle.id, changes, known, afterRestart: isFirst });
    Object.assign(compared, { known: found.known, isFirst: false, unread });
    this.delivered += found.events.length;
    this.#options.onEvents(found.events);
  }

  async loss(): Promise<LossCounters> {
    return NO_LOSS;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#containers.clear();
  }

  #of(id: string): Compared {
    const compared = this.#containers.get(id);
    if (compared !== undefined) return compared;
    throw new PetrifyError("E_SENSOR_UNAVAILABLE", "This sensor observes only containers that Petrify starts itself.", {
      hint: "Use --sensor bpf for containers that run already.",
    });
  }
}
