import type { EngineInfo } from "../engine/engine.ts";
import type { ProbeResult } from "../engine/find.ts";
import { fail, type Finding, ok, warn } from "./report.ts";

/** Storage drivers whose layers are folders on this host's disk. */
const LAYERS_ON_DISK: ReadonlySet<string> = new Set(["overlay2", "overlay", "fuse-overlayfs", "vfs"]);

/** Findings about the engines that were looked for. The first one that answers is the one that petrify uses. */
export function examineEngines(probes: readonly ProbeResult[]): Finding[] {
  const [used, ...others] = probes.filter((probe) => probe.outcome === "answers");
  const broken = probes.filter((probe) => probe.outcome === "does not answer" || probe.outcome === "broken");
  return [
    ...(used?.info === undefined ? [none(probes)] : [engine("engine", "engine in use", used.info), store(used.info)]),
    ...others.flatMap(({ info, probe }) =>
      info === undefined ? [] : [engine(`engine.${probe}`, "another engine", info)],
    ),
    ...broken.map(({ probe, host, foundBy, error }) =>
      warn(
        `engine.${probe}`,
        `engine by ${foundBy || probe}`,
        `${host === "" ? "" : `${host}: `}${error?.message ?? "no answer"}`,
        error?.hint ?? "Start it, or name another one with --host.",
      ),
    ),
  ];
}

function none(probes: readonly ProbeResult[]): Finding {
  const looked = probes.map(({ probe }) => probe).join(", ");
  return ok("engine", "engine in use", `none on this host (looked at ${looked}): the embedded one`);
}

function engine(id: string, name: string, info: EngineInfo): Finding {
  const place = [info.rootless ? "rootless" : "", info.local ? "" : "on another machine"].filter(Boolean);
  const found =
    `${info.kind} ${info.version} (API ${info.apiVersion}) at ${info.host}, found by ${info.foundBy}; ` +
    [`runtime ${info.defaultRuntime}`, `cgroup v${info.cgroupVersion} by ${info.cgroupDriver}`, ...place].join(", ");
  if (!info.local)
    return fail(id, name, found, "Learn and verify watch the engine's kernel: run petrify on its machine.");
  if (info.rootless) {
    return warn(
      id,
      name,
      found,
      "Containers of a rootless engine are seen by the sensor only when petrify runs as root.",
    );
  }
  return ok(id, name, found);
}

function store(info: EngineInfo): Finding {
  if (LAYERS_ON_DISK.has(info.storageDriver)) {
    return ok("store", "image store", `${info.storageDriver}: layers can be read on disk`);
  }
  return warn(
    "store",
    "image store",
    `${info.storageDriver}: layers cannot be read on disk`,
    "Trees of images come through the engine's export, which is slower.",
  );
}
