import { readdirSync, readFileSync } from "node:fs";

/**
 * Names that engines give to the cgroup of a container: Docker's and Podman's cgroupfs driver, then the systemd driver of
 * each (Podman libpod/container_internal_linux.go, getOCICgroupPath).
 */
export function cgroupNames(id: string): readonly string[] {
  return [
    id,
    `libpod-${id}`,
    `docker-${id}.scope`,
    `libpod-${id}.scope`,
    `cri-containerd-${id}.scope`,
    `crio-${id}.scope`,
  ];
}

/** Pids of the processes below a cgroup of the container, lowest first. */
export function processesOf(id: string): readonly number[] {
  const names = new Set(cgroupNames(id));
  const pids: number[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const cgroups = readFileSync(`/proc/${entry}/cgroup`, "utf8");
      if (cgroups.split(/[/\n]/).some((part) => names.has(part))) pids.push(pid);
    } catch {
      // It has ended.
    }
  }
  return pids.toSorted((a, b) => a - b);
}

/** Whether a process is still the runtime that prepares the container: it has not become the entrypoint. */
export function isRuntime(pid: number): boolean {
  try {
    return /^(?:runc:\[|crun$)/.test(readFileSync(`/proc/${pid}/comm`, "utf8").trim());
  } catch {
    return false;
  }
}
