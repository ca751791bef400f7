import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { Holder } from "./host-view.ts";

export interface RunningProcess {
  readonly pid: number;
  readonly uid: number;
  readonly name: string;
  readonly args: readonly string[];
}

/** Processes of this host that can be read; one that ends meanwhile is left out. */
export function runningProcesses(): readonly RunningProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const args = readFileSync(`/proc/${name}/cmdline`, "utf8").replace(/\0$/, "").split("\0");
        const { uid } = statSync(`/proc/${name}`);
        return [{ pid: Number(name), uid, name: readFileSync(`/proc/${name}/comm`, "utf8").trim(), args }];
      } catch {
        return [];
      }
    });
}

/** Inodes of the Unix sockets that listen at a path, by path (proc(5), /proc/net/unix; flag __SO_ACCEPTCON). */
export function listeningInodes(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of readFileSync("/proc/net/unix", "utf8").split("\n").slice(1)) {
    const [, , , flags = "", , , inode = "", path = ""] = line.trim().split(/\s+/);
    if ((Number.parseInt(flags, 16) & 0x10000) !== 0 && path.startsWith("/"))
      found.set(path, [...(found.get(path) ?? []), inode]);
  }
  return found;
}

/** Who has one of these sockets open; undefined when the files of others cannot be seen. */
export function holdersOf(
  inodes: readonly string[],
  processes: readonly RunningProcess[],
): readonly Holder[] | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return processes
    .filter(({ pid }) => holds(pid, wanted))
    .map((found) => ({ pid: found.pid, is: kindOf(found), command: found.name }));
}

function holds(pid: number, wanted: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => wanted.has(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

const BY_NAME: Readonly<Record<string, Holder["is"]>> = {
  dockerd: "dockerd",
  podman: "podman",
  containerd: "containerd",
  crio: "crio",
  systemd: "systemd",
};

/** A guard is known by how it is started: only root can listen where it does. One that only looks on guards nothing. */
export function kindOf({ pid, name, args }: Omit<RunningProcess, "uid">): Holder["is"] {
  if (args.includes("--dry-run")) return "other";
  if (args.includes("guard") && args.some((word) => word === "--upstream" || word.startsWith("--upstream=")))
    return "guard";
  return BY_NAME[name] ?? (pid === 1 ? "systemd" : "other");
}

/** The file that a guard of root's was started with: what anybody else runs says nothing of this host. */
export function policyOfGuard(processes: readonly Pick<RunningProcess, "args" | "uid">[]): string | undefined {
  for (const { args } of processes.filter(({ uid }) => uid === 0)) {
    const index = args.findIndex((word) => word === "--policy" || word.startsWith("--policy="));
    if (!args.includes("guard") || index === -1) continue;
    return args[index] === "--policy" ? args[index + 1] : args[index]?.slice("--policy=".length);
  }
  return undefined;
}
