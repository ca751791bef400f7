import { existsSync, readdirSync, readFileSync, readlinkSync, statSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { readIfThere } from "../install/host-facts.ts";
import { ENGINE_SOCKET } from "../install/plan-docker.ts";
import { PODMAN_CONF } from "../install/plan-runtime.ts";
import { LAUNCHER_MARK } from "../runtime-wrapper/launcher.ts";
import { dockerdView, runtimePath } from "./dockerd-view.ts";
import type { HostView, PodmanView, SocketKind, SocketView } from "./host-view.ts";
import { holdersOf, listeningInodes, type RunningProcess, runningProcesses } from "./processes.ts";
import { type ContainerMounts, parseMountinfo, socketContainers } from "./socket-mounts.ts";

/** Where engines listen by default; `user/N` is filled in for each user who is logged in. */
const SOCKETS: readonly (readonly [path: string, kind: SocketKind])[] = [
  ["/run/docker.sock", "docker"],
  [ENGINE_SOCKET, "docker"],
  ["/run/podman/podman.sock", "podman"],
  ["/run/containerd/containerd.sock", "containerd"],
  ["/run/docker/containerd/containerd.sock", "containerd"],
  ["/run/k3s/containerd/containerd.sock", "containerd"],
  ["/run/crio/crio.sock", "crio"],
  ["/run/buildkit/buildkitd.sock", "buildkit"],
];
const USER_SOCKETS: readonly (readonly [path: string, kind: SocketKind])[] = [
  ["docker.sock", "docker"],
  ["podman/podman.sock", "podman"],
];
const PROGRAMS = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin"];

/** Looks at this host, starts nothing and changes nothing; without root it sees less, and says what. */
export function observeHost(policy: HostView["policy"]): HostView {
  const processes = runningProcesses();
  const unseen: string[] = [];
  const root = process.geteuid?.() === 0;
  if (!root) unseen.push("Who listens at a socket, and which containers have one mounted, is seen by root alone.");
  // A plugin that only looks on denies nothing.
  const looksOn = processes.some(({ args }) => ["guard", "authz", "--dry-run"].every((word) => args.includes(word)));
  const dockerds = processes
    .filter(({ name }) => name === "dockerd")
    .map(({ pid, args }) => dockerdView(pid, args, (path) => readable(path, unseen)))
    .map((view) => (looksOn ? { ...view, authorizationPlugins: [] } : view));
  const inodes = listeningInodes();
  const hosts = dockerds.flatMap((view) =>
    view.hosts.filter((host) => host.startsWith("unix://")).map((host) => host.slice(7)),
  );
  const users = listing("/run/user").flatMap((uid) =>
    USER_SOCKETS.map(([path, kind]) => [`/run/user/${uid}/${path}`, kind] as const),
  );
  const places = new Map<string, SocketKind>([
    ...users,
    ...SOCKETS,
    ...hosts.map((path) => [path.replace(/^\/var\/run\//, "/run/"), "docker"] as const),
  ]);
  for (const path of places.keys())
    if (isHidden(path)) unseen.push(`Whether there is a socket ${path} is seen by root alone.`);
  const sockets = [...places].flatMap(([path, kind]) => socketView(path, kind, inodes, processes));
  const wrapper = runtimePath(readable("/etc/docker/daemon.json", unseen), "petrify");
  const podman = podmanView(unseen);
  return {
    sockets,
    dockerds,
    dockerWrapper: wrapper !== undefined && isLauncher(wrapper),
    ...(podman !== undefined && { podman }),
    tools: ["ctr", "nerdctl", "crictl"].filter((name) => findProgram(name) !== undefined),
    dockerGroup: groupMembers("docker"),
    socketContainers: root ? containersWith(sockets, processes) : [],
    ...(policy !== undefined && { policy }),
    guardSocketUnit: existsSync("/etc/systemd/system/petrify-guard.socket"),
    unseen,
  };
}

function socketView(
  path: string,
  kind: SocketKind,
  inodes: ReadonlyMap<string, readonly string[]>,
  processes: readonly RunningProcess[],
): readonly SocketView[] {
  const found = statOf(path);
  const directory = statOf(dirname(path));
  if (found?.isSocket() !== true) return [];
  const listening = [...(inodes.get(path) ?? []), ...(inodes.get(`/var${path}`) ?? [])];
  const holders = holdersOf(listening, processes);
  const { mode, uid, gid } = found;
  return [
    {
      path,
      kind,
      mode: mode & 0o777,
      uid,
      group: groupName(gid),
      rootOnlyDirectory: directory !== undefined && directory.uid === 0 && (directory.mode & 0o077) === 0,
      ...(holders !== undefined && { holders }),
    },
  ];
}

function podmanView(unseen: string[]): PodmanView | undefined {
  if (findProgram("podman") === undefined) return undefined;
  const text = readable(PODMAN_CONF, unseen) ?? "";
  const launchers = [...text.matchAll(/^(?:runc|crun) = \["([^"\\]+)"\]$/gm)].map(([, path = ""]) => path);
  return {
    wrapper: launchers.length > 0 && launchers.every(isLauncher),
    readOnlySetting: /^read_only = true$/m.test(text),
  };
}

/** Containers that have one of these sockets; each once, by a process of it. */
export function containersWith(
  sockets: readonly Pick<SocketView, "path">[],
  processes: readonly RunningProcess[],
): HostView["socketContainers"] {
  const seen = new Map<string, ContainerMounts>();
  for (const { pid } of processes) {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/mnt`);
      const [, id] = /([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8")) ?? [];
      if (id === undefined || seen.has(namespace)) continue;
      seen.set(namespace, {
        name: id.slice(0, 12),
        mounts: parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8")),
      });
    } catch {
      // It ended.
    }
  }
  const engines = sockets.map(({ path }) => path);
  return socketContainers(engines, parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8")), [...seen.values()]);
}

function isLauncher(path: string): boolean {
  return readIfThere(path)?.includes(LAUNCHER_MARK) === true;
}
function findProgram(name: string): string | undefined {
  return PROGRAMS.map((directory) => join(directory, name)).find((path) => existsSync(path));
}
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
function isHidden(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}
function listing(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
function readable(path: string, unseen: string[]): string | undefined {
  try {
    return readIfThere(path);
  } catch {
    unseen.push(`${path} cannot be read.`);
    return undefined;
  }
}
function groupLines(): readonly (readonly string[])[] {
  return (readIfThere("/etc/group") ?? "").split("\n").map((line) => line.split(":"));
}
function groupName(gid: number): string {
  return groupLines().find(([, , id]) => id === String(gid))?.[0] ?? String(gid);
}
function groupMembers(group: string): readonly string[] {
  const members = groupLines().find(([name]) => name === group)?.[3] ?? "";
  return members.split(",").filter((name) => name !== "");
}
