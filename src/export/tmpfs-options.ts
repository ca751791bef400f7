import type { TmpfsEntry } from "../model/strategy.ts";
import { formatMode } from "../model/units.ts";

const SUFFIXES = [
  ["g", 2 ** 30],
  ["m", 2 ** 20],
  ["k", 2 ** 10],
] as const;

/**
 * The options of a tmpfs as `docker run --tmpfs` and Compose's short `tmpfs:` take them. Owner and exec can be said only
 * there, not in the long forms (moby daemon/volume/mounts/linux_parser.go, validTmpfsOptions).
 */
export function tmpfsOptions({ sizeBytes, mode, uid, gid, exec }: TmpfsEntry): string {
  const [suffix, factor] = SUFFIXES.find(([, bytes]) => sizeBytes % bytes === 0) ?? ["", 1];
  const size = `${sizeBytes / factor}${suffix}`;
  return `rw,nosuid,nodev,${exec ? "exec" : "noexec"},size=${size},mode=${formatMode(mode)},uid=${uid},gid=${gid}`;
}
