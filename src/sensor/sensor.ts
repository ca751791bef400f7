import type { LossCounters, WriteEvent } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";

/** Observes what containers try to write. One sensor serves many containers. Every method throws PetrifyError. */
export interface Sensor extends AsyncDisposable {
  readonly kind: "bpf";
  /**
   * From now on every event of this container is delivered, from its first instruction on.
   * To be called after `create` and before `start`, or on a container that already runs.
   */
  arm(target: SensorTarget): Promise<Armed>;
  /** Delivers what is left, with the kernel's totals (bytes and largest size per inode), and forgets the container. */
  disarm(id: string): Promise<void>;
  /** Resolves when each event that happened before the call has been delivered. */
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

export interface SensorTarget {
  /** Full container id: the name, or part of the name, of its cgroup. */
  readonly id: string;
  /**
   * Resolves symlinks in paths of calls that gave no file, once no process of the container lives. While it is still to come,
   * events that need it wait, and everything behind them.
   */
  readonly tree?: FileTree | Promise<FileTree | undefined>;
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
