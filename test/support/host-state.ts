import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** What a private engine could leave on this host. Two of them are compared: before and after. */
export interface HostState {
  /** Mounts that this process sees. */
  readonly mounts: readonly string[];
  /** Cgroup directories named after Petrify, in all hierarchies. */
  readonly cgroups: readonly string[];
  /** Names in the directories where Docker and containerd write on a host where they are installed. */
  readonly files: readonly string[];
}

const WATCHED = [
  "/run",
  "/run/petrify",
  "/run/containerd",
  "/run/docker",
  "/etc/docker",
  "/opt/containerd",
  "/var/lib",
  "/etc",
];

export function hostState(): HostState {
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n"),
    cgroups: names("/sys/fs/cgroup")
      .flatMap((name) => [
        join("/sys/fs/cgroup", name),
        ...names(join("/sys/fs/cgroup", name)).map((sub) => join("/sys/fs/cgroup", name, sub)),
      ])
      .filter((path) => /\/petrify-[^/]*$/.test(path)),
    files: WATCHED.flatMap((directory) => names(directory).map((name) => join(directory, name))),
  };
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
