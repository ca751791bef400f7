import { NO_SETTINGS } from "../model/workload.ts";
import { randomBytes } from "node:crypto";
import type { ContainerSpec, Engine } from "../engine/engine.ts";
import { PROBE_DIRECTORIES, PROBE_IMAGE } from "./probe-image.ts";
import { type Finding, ok, warn } from "./report.ts";

const ASKED = { mode: "1770", uid: "123", gid: "456" } as const;
const OPTIONS = `size=1m,mode=${ASKED.mode},uid=${ASKED.uid},gid=${ASKED.gid}`;

/** What to do where this was not tried. */
export const UNKNOWN_TMPFS =
  "Verify strategies on production's runtime: what it makes of mode=, uid= and gid= is not known.";

/**
 * What the runtimes make of a tmpfs's `mode=`, `uid=` and `gid=`, seen by a container: strategies rest on it, and
 * runtimes differ (runc 1.1.5 takes the mode of a directory that the image has, whatever was asked).
 */
export async function examineTmpfs(engine: Engine, session: string, runtimes: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const runtime of runtimes) findings.push(await examineRuntime(engine, session, runtime));
  return findings;
}

async function examineRuntime(engine: Engine, session: string, runtime: string): Promise<Finding> {
  const [id, name] = [`tmpfs.${runtime}`, `tmpfs under ${runtime}`];
  const seen = parseStat(await statInContainer(engine, probeSpec(session, runtime)));
  const differences = Object.entries(PROBE_DIRECTORIES).flatMap(([kind, path]) => {
    const got = seen.get(path);
    if (got === undefined) return [`on ${kind} directories nothing could be seen`];
    return (Object.keys(ASKED) as (keyof typeof ASKED)[])
      .filter((option) => got[option] !== ASKED[option])
      .map(
        (option) => `${option}= is ignored on directories that ${kind === "existing" ? "the image has" : "it makes"}`,
      );
  });
  if (differences.length === 0) return ok(id, name, "mode=, uid= and gid= hold");
  return warn(
    id,
    name,
    differences.join("; "),
    "A strategy is right only for runtimes that do the same: verify it on production's.",
  );
}

async function statInContainer(engine: Engine, spec: ContainerSpec): Promise<string> {
  const container = await engine.createContainer(spec);
  try {
    await container.start();
    await container.wait();
    return await container.logs(10);
  } finally {
    await container.remove();
  }
}

/** Lines of `stat -c '%n %a %u %g'`. Exported for its test. */
export function parseStat(text: string): ReadonlyMap<string, Record<keyof typeof ASKED, string>> {
  const lines = text.matchAll(/^(\/\S+) (\d+) (\d+) (\d+)\r?$/gm);
  return new Map([...lines].map(([, path = "", mode = "", uid = "", gid = ""]) => [path, { mode, uid, gid }]));
}

function probeSpec(session: string, runtime: string): ContainerSpec {
  const paths = Object.values(PROBE_DIRECTORIES);
  return {
    workload: {
      name: "petrify-doctor",
      image: PROBE_IMAGE,
      command: ["/bin/stat", "-c", "%n %a %u %g", ...paths],
      network: "none",
      runtime,
      ...NO_SETTINGS,
      capDrop: ["ALL"],
      securityOpt: ["no-new-privileges"],
    },
    name: `petrify-doctor-${randomBytes(4).toString("hex")}`,
    session,
    readOnlyRoot: false,
    tmpfs: Object.fromEntries(paths.map((path) => [path, OPTIONS])),
    volumes: [],
    binds: [],
    publishPorts: false,
    autoRemove: false,
  };
}
