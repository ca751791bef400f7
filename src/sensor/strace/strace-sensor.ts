import type { Watched } from "../../engine/embedded/command.ts";
import type { ContainerHandle, ContainerSpec, Engine, ExecOptions, ExecResult } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import { type LossCounters, NO_LOSS } from "../../model/event.ts";
import type { Armed, Sensor, SensorOptions, SensorTarget, Unseen } from "../sensor.ts";
import { straced } from "./command.ts";
import { type StraceTools, straceTools } from "./tools.ts";
import { TraceFolder } from "./trace-pipe.ts";
import { TracedContainer } from "./traced-container.ts";

const NS_PER_MS = 1_000_000n;

/** Observes by strace before the entrypoint: needs no right on this host but the engine's. Only containers that it created itself. */
export class StraceSensor implements Sensor {
  readonly kind = "strace";
  readonly repeated = 0;
  delivered = 0;
  readonly #tools: StraceTools;
  readonly #options: SensorOptions;
  readonly #containers = new Map<string, TracedContainer>();
  /** When each was armed last (CLOCK_REALTIME). */
  readonly #armedNs = new Map<TracedContainer, bigint>();
  readonly #finished: LossCounters[] = [];

  constructor(tools: StraceTools, options: SensorOptions) {
    this.#tools = tools;
    this.#options = options;
  }

  async createContainer(engine: Engine, spec: ContainerSpec): Promise<ContainerHandle> {
    const reference = spec.imageId ?? spec.workload.image;
    const image = await engine.image(reference);
    if (image === undefined)
      throw new PetrifyError("E_IMAGE_NOT_FOUND", `The image ${reference} is not on the engine.`, {
        hint: "Pull it first.",
      });
    const folder = TraceFolder.make(spec.session);
    try {
      const traced = straced(spec, image, this.#tools, folder);
      const handle = await engine.createContainer(traced.spec);
      const deliver: SensorOptions["onEvents"] = (events) => {
        this.delivered += events.length;
        this.#options.onEvents(events);
      };
      this.#containers.set(handle.id, new TracedContainer(handle, traced, folder, deliver));
      return handle;
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  exec(container: ContainerHandle, command: readonly string[], options: ExecOptions): Promise<ExecResult> {
    return this.#of(container.id).exec(command, options);
  }

  async arm(target: SensorTarget): Promise<Armed> {
    const nowNs = BigInt(Date.now()) * NS_PER_MS;
    const sinceNs = target.readsSinceNs ?? nowNs;
    const container = this.#of(target.id);
    const earlier = [...this.#armedNs].filter(([, armedNs]) => armedNs >= sinceNs).map(([known]) => known);
    container.arm(target, earlier);
    this.#armedNs.set(container, nowNs);
    return { wasRunning: false };
  }

  async disarm(id: string): Promise<Unseen> {
    const container = this.#of(id);
    const unseen = await container.disarm();
    this.#finished.push(container.loss());
    return unseen;
  }

  async loss(): Promise<LossCounters> {
    return this.#finished.reduce(sum, NO_LOSS);
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#containers.values()].map((container) => container.flush()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const container of this.#containers.values()) container.dispose();
    this.#containers.clear();
  }

  #of(id: string): TracedContainer {
    const container = this.#containers.get(id);
    if (container !== undefined) return container;
    throw new PetrifyError("E_SENSOR_UNAVAILABLE", "strace observes only containers that it starts itself.", {
      hint: "Use --sensor bpf for containers that run already.",
    });
  }
}

function sum(a: LossCounters, b: LossCounters): LossCounters {
  const entries = Object.entries(a).map(([key, value]) => [key, value + b[key as keyof LossCounters]]);
  return Object.fromEntries(entries) as LossCounters;
}

/** Fetches strace when it is not there yet. Throws E_SENSOR_UNAVAILABLE with the reason, E_DISK_FULL, E_INTERRUPTED. */
export async function openStrace(options: SensorOptions & Watched): Promise<Sensor> {
  try {
    return new StraceSensor(await straceTools(options), options);
  } catch (cause) {
    if (!(cause instanceof PetrifyError) || cause.code !== "E_EMBEDDED_PACKAGES") throw cause;
    throw new PetrifyError("E_SENSOR_UNAVAILABLE", `strace could not be fetched: ${cause.message}`, {
      hint: "Let apt reach its archive once, or use --sensor diff, which is never complete.",
      cause,
    });
  }
}
