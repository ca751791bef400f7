import { type Context, type Read, readNumber } from "./setting.ts";
import { entryOf } from "./tree.ts";

const MICROSECONDS_PER_PERIOD = 100_000;

export function readCpus(context: Context): Read<number> {
  const cpus = withoutZero(readNumber(context, ["deploy", "resources", "limits", "cpus"], ["cpus"]));
  const quota = entryOf(context.settings, "cpu_quota");
  if (cpus !== undefined || quota === undefined) return cpus;
  const read = readNumber(context, ["cpu_quota"]);
  const period = readNumber(context, ["cpu_period"]) ?? { value: MICROSECONDS_PER_PERIOD };
  if (read === undefined || read === "unknown" || period === "unknown") return "unknown";
  return read.value > 0 && period.value > 0 ? { ...read, value: read.value / period.value } : undefined;
}

/** 0 is the same as nothing to Docker. */
export function withoutZero(read: Read<number>): Read<number> {
  return typeof read === "object" && read.value === 0 ? undefined : read;
}
