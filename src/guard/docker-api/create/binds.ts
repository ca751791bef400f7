import type { RequestedMount } from "../../../policy/request.ts";
import { bodyError } from "../go-json/body-error.ts";
import { shown } from "../go-json/parse.ts";
import { cleanPath, mountTarget } from "./paths.ts";

/** Words of a bind's mode; of each line one at most. Source: moby volume/mounts/linux_parser.go, linuxValidMountMode. */
const MODES: readonly ReadonlySet<string>[] = [
  new Set(["rw", "ro"]),
  new Set(["z", "Z"]),
  new Set(["private", "rprivate", "slave", "rslave", "shared", "rshared"]),
  new Set(["nocopy"]),
  new Set(["consistent", "cached", "delegated"]),
];
const PROPAGATIONS = MODES[2] as ReadonlySet<string>;

/** `source:target:mode` of `HostConfig.Binds`, as moby's ParseMountRaw takes it; `driver`: `HostConfig.VolumeDriver`. Throws E_REQUEST_BODY. */
export function parseBind(text: string, driver: string, path: string): RequestedMount {
  const [first = "", second, mode = "", ...more] = text.split(":");
  if (first === "" || more.length > 0) throw invalid(text, path);
  // `/data:ro` would be a target with a mode, which volumes do not have.
  if (second !== undefined && mode === "" && text.split(":").length === 2 && isMode(second)) throw invalid(text, path);
  if (!isMode(mode)) throw bodyError(path, `has the unknown mode ${shown(mode)}`);
  const target = mountTarget(second ?? first, path);
  const source = second === undefined ? undefined : first;
  const words = mode.split(",");
  const propagation = words.find((word) => PROPAGATIONS.has(word));
  const common = { target, readOnly: words.includes("ro"), ...(propagation === undefined ? {} : { propagation }) };
  if (source?.startsWith("/") === true) return { type: "bind", source: cleanPath(source), ...common };
  return {
    type: "volume",
    ...(source === undefined ? {} : { source }),
    ...common,
    ...(driver === "" ? {} : { driver }),
  };
}

function isMode(mode: string): boolean {
  if (mode === "") return true;
  const words = mode.split(",");
  return (
    words.every((word) => MODES.some((group) => group.has(word))) &&
    MODES.every((group) => words.filter((word) => group.has(word)).length <= 1)
  );
}

function invalid(text: string, path: string): Error {
  return bodyError(path, `must be SOURCE:TARGET or SOURCE:TARGET:MODE, but is ${shown(text)}`);
}
