import type { Watched } from "../engine/embedded/command.ts";
import type { EngineInfo } from "../engine/engine.ts";
import { PetrifyError } from "../model/errors.ts";
import { DiffSensor } from "./diff/diff-sensor.ts";
import { openSensor } from "./open-sensor.ts";
import { type Sensor, SENSOR_KINDS, type SensorChoice, type SensorKind, type SensorOptions } from "./sensor.ts";

export interface ChoiceOptions extends SensorOptions, Watched {
  /** Why it is not the best one, one line. */
  readonly onNote: (line: string) => void;
}

// What strace needs of native code takes 20 ms to load, and most commands never get there.
const OPEN: Readonly<Record<SensorKind, (options: ChoiceOptions) => Promise<Sensor>>> = {
  bpf: openSensor,
  strace: async (options) => (await import("./strace/strace-sensor.ts")).openStrace(options),
  diff: async (options) => new DiffSensor(options),
};

/**
 * Opens the named sensor, or with `auto` the best that works here, and says why when that is not the first.
 * Throws E_SENSOR_UNAVAILABLE; E_NOT_LOCAL when the containers run on another kernel and the choice is not `diff`, E_ROOTLESS when they may have no cgroup
 * of their own and have other owners than they see.
 */
export async function chooseSensor(choice: SensorChoice, engine: EngineInfo, options: ChoiceOptions): Promise<Sensor> {
  if (choice !== "diff") failUnlessLocal(engine);
  failIfRootless(engine);
  if (choice !== "auto") return OPEN[choice](options);
  const reasons: string[] = [];
  for (const kind of SENSOR_KINDS) {
    try {
      const sensor = await OPEN[kind](options);
      if (reasons.length > 0) options.onNote(`sensor: ${kind} (${reasons.join("; ")})`);
      return sensor;
    } catch (error) {
      if (!(error instanceof PetrifyError) || error.code === "E_INTERRUPTED") throw error;
      reasons.push(`no ${kind}: ${error.message.replace(/\.$/, "")}`);
    }
  }
  throw new PetrifyError("E_SENSOR_UNAVAILABLE", `No sensor works here: ${reasons.join("; ")}.`);
}

function failUnlessLocal({ local, host }: EngineInfo): void {
  if (local) return;
  throw new PetrifyError(
    "E_NOT_LOCAL",
    `The engine ${host} is on another machine, and the sensor watches this kernel.`,
    {
      hint: "Run Petrify on the engine's machine, or choose a local engine with --host, or take --sensor diff, which is never complete.",
    },
  );
}

function failIfRootless({ rootless, host }: EngineInfo): void {
  if (!rootless) return;
  throw new PetrifyError(
    "E_ROOTLESS",
    `The engine ${host} is rootless: the sensor cannot tell its containers apart, nor whose files they write.`,
    {
      hint: "Learn and verify with an engine that runs as root: `sudo petrify ... --host embedded` starts one; run and export work with this one.",
    },
  );
}
