import { PetrifyError } from "../model/errors.ts";
import { openSensor } from "./open-sensor.ts";

export type SensorProbe =
  | { readonly ok: true; readonly details: string }
  | { readonly ok: false; readonly reason: string; readonly hint: string | undefined };

/** Whether the sensor works here, found out by loading and attaching it for a moment. */
export async function probeSensor(): Promise<SensorProbe> {
  try {
    await using sensor = await openSensor({ onEvents: () => {} });
    await sensor.flush();
    return { ok: true, details: "BPF programs load and attach" };
  } catch (error) {
    if (error instanceof PetrifyError) return { ok: false, reason: error.message, hint: error.hint };
    throw error;
  }
}
