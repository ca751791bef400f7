import type { Ulimit } from "../../container.ts";
import { type Context, type Read, readNumber } from "./setting.ts";
import { entryOf, textOf } from "./tree.ts";

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

/** `NAME: 1024`, or `NAME: {soft: 1, hard: 2}`; those with a variable in them are left out. */
export function readUlimits({ settings, locate }: Context): Read<readonly Ulimit[]> {
  const entry = entryOf(settings, "ulimits");
  if (entry?.value.kind !== "map") return undefined;
  const limits = [...entry.value.entries].flatMap(([name, { value }]): readonly Ulimit[] => {
    const [soft, hard] = ["soft", "hard"].map((key) => Number(textOf(entryOf(value, key)?.value ?? value)));
    return Number.isInteger(soft) && Number.isInteger(hard) ? [{ name, soft: soft ?? 0, hard: hard ?? 0 }] : [];
  });
  return limits.length === 0 ? undefined : { value: limits, at: locate(entry.at) };
}
