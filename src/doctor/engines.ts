import type { EngineInfo } from "../engine/engine.ts";
import type { ProbeResult } from "../engine/find.ts";
import { fail, type Finding, ok, warn } from "./report.ts";

/** Findings about the engines that were looked for: the one that petrify uses, and whatever else is there. */
export function examineEngines(probes: readonly ProbeResult[]): Finding[] {
  // As findEngine has it: an engine that was named, or a setting that is broken, is not passed over for the next one.
  const chosen = probes.find(
    ({ outcome, named }) => outcome === "answers" || outcome === "broken" || (outcome === "does not answer" && named),
  );
  return [
    ...(chosen === undefined ? [none(probes)] : chosen.info === undefined ? [] : [engine(chosen.info)]),
    ...probes.filter((probe) => probe !== chosen).flatMap(notInUse),
  ];
}

function none(probes: readonly ProbeResult[]): Finding {
  const looked = probes.map(({ probe }) => probe).join(", ");
  return ok("engine", "engine in use", `none on this host (looked at ${looked}): the embedded one`);
}

function engine(info: EngineInfo): Finding {
  const [id, name, found] = ["engine", "engine in use", describe(info)];
  if (!info.local)
    return fail(
      id,
      name,
      found,
      "Learn and verify watch the engine's kernel: run petrify on its machine, or take --sensor diff, which is never complete.",
    );
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
  const remapped = info.remappedRoot && `root of its containers is uid ${info.remappedRoot.uid} (userns-remap)`;
  const place = [
    info.rootless && "rootless",
    remapped,
    info.selinux && "SELinux",
    info.local || "on another machine",
  ].filter((part) => typeof part === "string");
  return (
    `${info.kind} ${info.version} (API ${info.apiVersion}) at ${info.host}, found by ${info.foundBy}; ` +
    [`runtime ${info.defaultRuntime}`, `cgroup v${info.cgroupVersion} by ${info.cgroupDriver}`, ...place].join(", ")
  );
}
