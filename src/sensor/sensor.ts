import type { ContainerHandle, ContainerSpec, Engine, ExecOptions, ExecResult } from "../engine/engine.ts";
import type { LossCounters, WriteEvent } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";

/** Observes what containers try to write. One sensor serves many containers. Every method throws PetrifyError. */
export interface Sensor extends AsyncDisposable {
  readonly kind: SensorKind;
  /** Creates, does not start, a container that this sensor can observe: strace has to stand before its entrypoint. */
  createContainer(engine: Engine, spec: ContainerSpec): Promise<ContainerHandle>;
  /** Runs a command in an armed container so that it is observed as well. */
  exec(container: ContainerHandle, command: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /**
   * From now on every event of this container is delivered, from its first instruction on.
   * To be called after `create` and before `start`, or on a container that already runs.
   */
  arm(target: SensorTarget): Promise<Armed>;
  /** Delivers what is left, with the totals (bytes and largest size per file), and forgets the container. */
  disarm(id: string): Promise<Unseen>;
  /** Resolves when each event that happened before the call has been delivered, or all of them that this sensor can see. */
  flush(): Promise<void>;
  /** Losses since the sensor was opened. */
  loss(): Promise<LossCounters>;
  /** Events delivered since the sensor was opened, for the status line. */
  readonly delivered: number;
  /**
   * Attempts that were only counted, because they repeated delivered ones while events came faster than they could be read:
   * the same program, user, call, arguments, result and paths. As of the last answer of `flush`, `disarm` or `loss`.
   */
  readonly repeated: number;
}

export interface Armed {
  /** Some process had become the workload already: what it did before was not seen. */
  readonly wasRunning: boolean;
}
/** The ways to observe, best first. */
export const SENSOR_KINDS = ["bpf", "strace", "diff"] as const;
export type SensorKind = (typeof SENSOR_KINDS)[number];

/** `auto`: the best that works here. */
export type SensorChoice = "auto" | SensorKind;

/** What one observation did not see, beyond the counters of loss; sentences without a full stop. */
export interface Unseen {
  /** Something was missed. */
  readonly incomplete: readonly string[];
  /** What this way of observing never sees, and what it changes in the run. */
  readonly notes: readonly string[];
}
export const NOTHING_UNSEEN: Unseen = { incomplete: [], notes: [] };

export interface SensorTarget {
  /** Full container id: the name, or part of the name, of its cgroup. */
  readonly id: string;
  /**
   * Resolves symlinks in paths of calls that gave no file, once no process of the container lives. While it is still to come,
   * events that need it wait, and everything behind them.
   */
  readonly tree?: FileTree | Promise<FileTree | undefined>;
  /** What was there before the container was made: for sensors that are not told whether a call made its file. */
  readonly imageTree?: FileTree;
  /**
   * `read` events are given for files whose change time is later than this (CLOCK_REALTIME, nanoseconds).
   * Default: the moment of arming.
   */
  readonly readsSinceNs?: bigint;
}

export interface SensorOptions {
  /** Called in order, in batches, on the main thread. */
  readonly onEvents: (events: readonly WriteEvent[]) => void;
  /** The sensor died: nothing more will come. */
  readonly onLost?: (error: Error) => void;
  /** Ring size in bytes, a power of two; default 16 MiB. */
  readonly ringBytes?: number;
}
