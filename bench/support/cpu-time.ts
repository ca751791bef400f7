import { readFileSync } from "node:fs";

/** CPU time that the cgroup of a process has used so far, in nanoseconds: what a busy machine does not change. */
export function cpuTimeNs(pid: number): number {
  for (const line of readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n")) {
    const [, controllers = "", path = ""] = line.split(":");
    if (controllers.split(",").includes("cpuacct"))
      return Number(readFileSync(`/sys/fs/cgroup/${controllers}${path}/cpuacct.usage`, "utf8"));
    if (controllers !== "") continue;
    const stat = readUnified(path);
    if (stat !== undefined) return Number(/^usage_usec (\d+)/m.exec(stat)?.[1]) * 1000;
  }
  throw new Error(`no cgroup counts the CPU time of process ${pid}`);
}

/** On a hybrid host the unified hierarchy is empty, and the controller is found in another line. */
function readUnified(path: string): string | undefined {
  try {
    return readFileSync(`/sys/fs/cgroup${path}/cpu.stat`, "utf8");
  } catch {
    return undefined;
  }
}
