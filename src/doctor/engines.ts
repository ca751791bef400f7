import type { EngineInfo } from "../engine/engine.ts";
import type { ProbeResult } from "../engine/find.ts";
import { fail, type Finding, ok, warn } from "./report.ts";

/** Storage drivers whose layers are folders on this host's disk. */
const LAYERS_ON_DISK: ReadonlySet<string> = new Set(["overlay2", "overlay", "fuse-overlayfs", "vfs"]);

/** Findings about the engines that were looked for: the one that petrify uses, and whatever else is there. */
export function examineEngines(probes: readonly ProbeResult[]): Finding[] {
  // As findEngine has it: an engine that was named, or a setting that is broken, is not passed over for the next one.
  const chosen = probes.find(
    ({ outcome, named }) => outcome === "answers" || outcome === "broken" || (outcome === "does not answer" && named),
  );
  return [
    ...(chosen === undefined ? [none(probes)] : chosen.info === undefined ? [] : inUse(chosen.info)),
    ...probes.filter((probe) => probe !== chosen).flatMap(notInUse),
  ];
}

/** The image store of the engine in use, which it has tried itself before it chose it. */
export function examineStore(info: EngineInfo): Finding {
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

function none(probes: readonly ProbeResult[]): Finding {
  const looked = probes.map(({ probe }) => probe).join(", ");
  return ok("engine", "engine in use", `none on this host (looked at ${looked}): the embedded one`);
}

function inUse(info: EngineInfo): Finding[] {
  return [engine(info), examineStore(info)];
}

function engine(info: EngineInfo): Finding {
  const [id, name, found] = ["engine", "engine in use", describe(info)];
  if (!info.local)
    return fail(id, name, found, "Learn and verify watch the engine's kernel: run petrify on its machine.");
  if (info.rootless)
    return fail(
      id,
      name,
      found,
      "Learn and verify need an engine that runs as root: `sudo petrify ... --host embedded` starts one. Run and export work with this one.",
    );
  return ok(id, name, found);
}

function notInUse({ probe, host, foundBy, info, outcome, error }: ProbeResult): Finding[] {
  if (outcome === "not here") return [];
  if (info !== undefined) return [ok(`engine.${probe}`, "another engine", describe(info))];
  return [
    warn(
      `engine.${probe}`,
      `engine by ${foundBy || probe}`,
      `${host === "" ? "" : `${host}: `}${error?.message ?? "no answer"}`,
      error?.hint ?? "Start it, or name another one with --host.",
    ),
  ];
}

function describe(info: EngineInfo): string {
  const place = [info.rootless ? "rootless" : "", info.local ? "" : "on another machine"].filter(Boolean);
  return (
    `${info.kind} ${info.version} (API ${info.apiVersion}) at ${info.host}, found by ${info.foundBy}; ` +
    [`runtime ${info.defaultRuntime}`, `cgroup v${info.cgroupVersion} by ${info.cgroupDriver}`, ...place].join(", ")
  );
}
