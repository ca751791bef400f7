import { normalize } from "node:path/posix";
import { PetrifyError } from "../model/errors.ts";
import { unsafeText } from "../model/plain-name.ts";
import type { Strategy, StrategyEntry, VolumeEntry } from "../model/strategy.ts";
import { volumeNameFor } from "../strategy/volume-name.ts";
import type { ExportResult } from "./result.ts";

/**
 * The export of a strategy whose volumes without code lie each in a directory of its own below `directory` of the host. Docker has no
 * noexec for a volume, and its local driver leaves the flag out of a bind (moby/sys/mount remounts a bind only for `ro`), but a bind
 * keeps the flags of the mount that it is made from. Volumes that are the user's, or have a driver or options, stay as they are.
 * Throws E_USAGE for a directory that is not absolute, or cannot stand in fstab(5), and what `write` throws.
 */
export function exportOnDataDir(
  strategy: Strategy,
  directory: string,
  write: (strategy: Strategy) => ExportResult,
): ExportResult {
  if (!isPlainDirectory(directory))
    throw new PetrifyError("E_USAGE", "--data-dir needs the absolute path of a directory, not /, and of plain signs.", {
      hint: "Give one like /srv/app: without a slash at its end, spaces, quotes or '..'.",
    });
  const devices: string[] = [];
  const entries = strategy.entries.map((entry): StrategyEntry => {
    if (!isMovable(entry)) return entry;
    const device = `${directory}/${volumeNameFor(strategy, entry)}`;
    devices.push(device);
    return { ...entry, options: { type: "none", o: "bind", device } };
  });
  const result = write({ ...strategy, entries });
  const notes =
    devices.length === 0
      ? [`Nothing lies in ${directory}: in each volume code is run, or it has a name, a driver or options of its own.`]
      : [
          `Make ${devices.join(", ")} before the first start: Docker does not.`,
          `Only a noexec mount on ${directory} keeps code there from being run, in /etc/fstab: ${directory} ${directory} none bind,noexec,nosuid,nodev 0 0`,
        ];
  return { ...result, notes: [...result.notes, ...notes] };
}

/** One that can stand in fstab(5), where space and backslash are signs of its own, and names one place. */
function isPlainDirectory(directory: string): boolean {
  if (unsafeText(directory) !== undefined || directory.includes(" ")) return false;
  return directory.startsWith("/") && directory.length > 1 && normalize(`${directory}/.`) === directory;
}

function isMovable(entry: StrategyEntry): entry is VolumeEntry {
  if (entry.kind !== "volume" || entry.exec) return false;
  return entry.source === undefined && entry.driver === undefined && entry.options === undefined;
}
