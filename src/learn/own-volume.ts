import type { StrategyEntry, VolumeEntry } from "../model/strategy.ts";

/**
 * The entry as an experiment may mount it: a volume of the user's must not be written, so it gets one of the run's own, and a
 * driver and its options only when they can lead nowhere else.
 */
export function withOwnVolume(entry: StrategyEntry): StrategyEntry {
  if (entry.kind !== "volume") return entry;
  const { source: _source, driver, options, ...own } = entry;
  return {
    ...own,
    ...(isSelfContained(entry) && {
      ...(driver === undefined ? {} : { driver }),
      ...(options === undefined ? {} : { options }),
    }),
  };
}

/** Options of a tmpfs that only shape it; `bind` among them would mount the device, which can be any directory of the host. */
const SHAPING =
  /^(?:(?:size|mode|uid|gid|nr_inodes|nr_blocks)=\w+%?|rw|exec|noexec|suid|nosuid|dev|nodev|relatime|noatime)$/;

/**
 * Whether a volume of this driver with these options is a new place on the engine's host: another driver can lead to a server,
 * and a device of the local one to a directory or a disk.
 * Source: moby volume/local (local_unix.go: the options type, device, o and size).
 */
export function isSelfContained({ driver = "local", options = {} }: Pick<VolumeEntry, "driver" | "options">): boolean {
  if (driver !== "local") return false;
  const { type, device: _device, o = "", size: _size, ...others } = options;
  if (Object.keys(others).length > 0) return false;
  if (type === "tmpfs") return o === "" || o.split(",").every((option) => SHAPING.test(option));
  return Object.keys(options).every((option) => option === "size");
}
