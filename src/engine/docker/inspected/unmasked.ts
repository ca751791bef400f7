import type { Settings } from "../../../audit/container.ts";
import { coversPath, READ_ONLY_BY_DEFAULT } from "../../../audit/kernel-paths.ts";
import { isWithin } from "../../../strategy/paths.ts";

/** Of what every version of Docker and Podman hides (moby oci/defaults.go, containers/common pkg/config), what gives the host away. */
const HIDDEN = ["/proc/kcore", "/proc/keys", "/sys/firmware"] as const;

export interface Masks {
  readonly masked: readonly string[];
  readonly readOnly: readonly string[];
}

/** What the lists of masked and read-only paths say: a default that is missing is one that somebody took out. */
export function maskSettings({ masked, readOnly }: Masks): Pick<Settings, "unmaskedPaths" | "readOnlyPaths"> {
  const open =
    HIDDEN.some((path) => !coversPath(masked, path)) ||
    READ_ONLY_BY_DEFAULT.some((path) => !coversPath(readOnly, path) && !coversPath(masked, path));
  const own = readOnly.filter((path) => !isWithin(path, "/proc") && !isWithin(path, "/sys"));
  return {
    unmaskedPaths: { value: open },
    ...(own.length === 0 ? {} : { readOnlyPaths: { value: own } }),
  };
}
