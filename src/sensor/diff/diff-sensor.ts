import type { ContainerHandle, ContainerSpec, Engine, ExecOptions, ExecResult } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import { type LossCounters, NO_LOSS, type WriteEvent } from "../../model/event.ts";
import type { Armed, Sensor, SensorOptions, SensorTarget, Unseen } from "../sensor.ts";
import { denialsIn } from "./denials.ts";
import { eventsOfChanges, eventsOfDenials, type KnownChanges } from "./events.ts";

const UNSEEN =
  "the engine told only what is there at the end: files that came and went, failed writes, and what was written to mounts were not seen";
const UNPLACED = "a read-only run tells of refused writes without saying where";
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
  /** Where a read-only container says what it was refused, beside its log; absent of one that is not read-only. */
  readonly printed: string[] | undefined;
}

const LOG_LINES = 10_000;

/** The last resort: asks the engine after each run what has changed, and a read-only container's output what it was refused. */
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
    const printed = spec.readOnlyRoot || spec.readOnlyPaths !== undefined ? [] : undefined;
    const nothing = { known: new Map(), isArmed: false, isFirst: true, unread: [] };
    this.#containers.set(handle.id, { engine, handle, printed, ...nothing });
    return handle;
  }

  async exec(container: ContainerHandle, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const result = await container.exec(command, options);
    this.#of(container.id).printed?.push(result.stdout, result.stderr);
    return result;
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
    const unplaced = compared.printed !== undefined && (await this.#tellDenials(compared, compared.printed));
    return { incomplete: [UNSEEN, ...(unplaced ? [UNPLACED] : []), ...compared.unread], notes: NOTES };
  }

  /** Refused writes leave nothing to find, but programs complain of them. Whether some could not be placed. */
  async #tellDenials({ handle }: Compared, printed: readonly string[]): Promise<boolean> {
    const { denials, unplaced } = denialsIn([await handle.logs(LOG_LINES), ...printed].join("\n"));
    this.#give(eventsOfDenials(handle.id, denials));
    return unplaced;
  }

  async #compare(compared: Compared): Promise<void> {
    const { engine, handle, known, isFirst } = compared;
    const { changes, unread } = await engine.changes(handle);
    const found = eventsOfChanges({ container: handle.id, changes, known, afterRestart: isFirst });
    Object.assign(compared, { known: found.known, isFirst: false, unread });
    this.#give(found.events);
  }

  #give(events: readonly WriteEvent[]): void {
    this.delivered += events.length;
    this.#options.onEvents(events);
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
