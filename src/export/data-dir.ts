import { PetrifyError } from "../model/errors.ts";
import type { Strategy, StrategyEntry, VolumeEntry } from "../model/strategy.ts";
import { volumeNameFor } from "../strategy/volume-name.ts";
import type { ExportResult } from "./result.ts";

/**
 * The export of a strategy whose volumes without code lie each in a directory of its own below `directory` of the host. Docker has no
 * noexec for a volume, and its local driver leaves the flag out of a bind (moby/sys/mount remounts a bind only for `ro`), but a bind
 * keeps the flags of the mount that it is made from. Volumes that are the user's, or have a driver or options, stay as they are.
 * Throws E_USAGE for a directory that is not absolute, and what `write` throws.
 */
export function exportOnDataDir(
  strategy: Strategy,
  directory: string,
  write: (strategy: Strategy) => ExportResult,
): ExportResult {
  if (!/^\/[^\0]*[^/\0]$/.test(directory))
    throw new PetrifyError("E_USAGE", "--data-dir needs the absolute path of a directory, and not /.", {
      hint: "Give one like /srv/app, without a slash at its end.",
    });
  const devices: string[] = [];
  const entries = strategy.entries.map((entry): StrategyEntry => {
    if (!isMovable(entry)) return entry;
    const device = `${directory}/${volumeNameFor(strategy, entry)}`;
    devices.push(device);
    return { ...entry, options: { type: "none", o: "bind", device } };
  });
  const result = write({ ...strategy, entries });
  return devices.length === 0
    ? result
    : {
        ...result,
        notes: [
          ...result.notes,
          `Make ${devices.join(", ")} before the first start: Docker does not.`,
          `Only a noexec mount on ${directory} keeps code there from being run, in /etc/fstab: ${directory} ${directory} none bind,noexec,nosuid,nodev 0 0`,
        ],
      };
}

function isMovable(entry: StrategyEntry): entry is VolumeEntry {
  if (entry.kind !== "volume" || entry.exec) return false;
  return entry.source === undefined && entry.driver === undefined && entry.options === undefined;
}
