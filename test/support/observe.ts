import type { LossCounters, WriteEvent } from "../../src/model/event.ts";
import { openSensor } from "../../src/sensor/open-sensor.ts";
import type { SensorTarget } from "../../src/sensor/sensor.ts";

export interface Observation {
  readonly events: readonly WriteEvent[];
  readonly loss: LossCounters;
  /** Attempts that were only counted. */
  readonly repeated: number;
}

/** What the sensor says about one container from arming to disarming, while `action` runs. */
export async function observe(
  target: SensorTarget,
  action: () => void | Promise<void>,
  ringBytes?: number,
): Promise<Observation> {
  const events: WriteEvent[] = [];
  await using sensor = await openSensor({
    onEvents: (batch) => void events.push(...batch),
    ...(ringBytes === undefined ? {} : { ringBytes }),
  });
  await sensor.arm(target);
  await action();
  await sensor.flush();
  await sensor.disarm(target.id);
  return { events, loss: await sensor.loss(), repeated: sensor.repeated };
}

/** An event without what differs from run to run, its paths relative to `directory`. */
export function summary(event: WriteEvent, directory: string): Record<string, unknown> {
  const { container: _c, timeNs: _t, process: _p, mount: _m, mount2: _m2, inode, path, path2, ...rest } = event;
  return {
    ...rest,
    path: relative(path, directory),
    ...(path2 === undefined ? {} : { path2: relative(path2, directory) }),
    ...(inode === undefined ? {} : { type: inode.type }),
  };
}

function relative(path: string, directory: string): string {
  return path.startsWith(directory + "/") ? path.slice(directory.length + 1) : path;
}

/** Events that tell of programs being run, not of files being changed. */
export function isExecution(event: WriteEvent): boolean {
  return event.operation === "exec" || event.operation === "mapexec";
}
