import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What a private engine could leave on this host; engines of other checkouts that run meanwhile are left out of it. */
export interface HostState {
  /** Mounts that this process sees and that come from an engine. */
  readonly mounts: readonly string[];
  /** Names in the directories where Docker and containerd write on a host where they are installed. */
  readonly files: readonly string[];
}

const WATCHED = ["/run/docker", "/etc/docker", "/opt/containerd", "/var/lib", "/etc"];

export function hostState(): HostState {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  const files = WATCHED.flatMap((directory) => names(directory).map((name) => join(directory, name)));
  // Once the last engine has gone, the directories that all of them share must have gone too.
  if (names("/run/petrify").length === 0) files.push(...names("/run").map((name) => join("/run", name)));
  return { mounts: mounts.filter((line) => /petrify|containerd|docker/.test(line)), files };
}

/** Every process that is in one of the namespaces; `namespaces` gives those of a process. */
export function processesIn(namespaces: readonly string[]): number[] {
  return names("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => namespacesOf(pid).some((namespace) => namespaces.includes(namespace)));
}
export function namespacesOf(pid: number): string[] {
  return ["net", "mnt"].flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return [];
    }
  });
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return [];
  }
}
