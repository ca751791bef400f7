import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identify, isAlive, type ProcessIdentity } from "../identity.ts";
import type { RunLayout } from "./layout.ts";
import { removeSharedDirectories } from "./shim-directory.ts";

/** In the environment of every process of an engine, from its first instruction on; containers do not get it. */
export const MARKER = "PETRIFY_ENGINE";

/** The daemons of an engine: dockerd, containerd, shims, runtimes. */
export function engineProcesses(layout: RunLayout): ProcessIdentity[] {
  const wanted = `${MARKER}=${layout.runDir}`;
  return numbered("/proc").flatMap((pid) => {
    const identity = pid === process.pid ? undefined : identify(pid);
    return identity !== undefined && environmentOf(pid).includes(wanted) ? [identity] : [];
  });
}

/** Directories of the engine's cgroups in every hierarchy, the deepest first. */
export function engineCgroups(layout: RunLayout): string[] {
  return hierarchies().flatMap((mount) => withDescendants(join(mount, layout.cgroupParent)));
}

/**
 * Ends dockerd so that it can write its state, and what its containers still run, at once: whoever wanted those is gone.
 * The order matters: told to stop, dockerd restarts no container that ends.
 */
export async function stopEngine(layout: RunLayout, daemon: ProcessIdentity): Promise<void> {
  signal(daemon, "SIGTERM");
  const deadline = performance.now() + STOP_GRACE_MS;
  while (isAlive(daemon) && performance.now() < deadline) {
    killContainers(layout);
    await sleep(10);
  }
}
/** Unmounting and writing take it a tenth of a second. */
const STOP_GRACE_MS = 10_000;

/**
 * Removes whatever an engine left outside its cache, in whatever state it is: processes, containers, cgroups, sockets,
 * directories. Its mounts and network go with its last process: they exist only in its own namespaces. To be called
 * under the engine's lock. Returns what was there, in plain words.
 */
export async function removeEngine(layout: RunLayout): Promise<string[]> {
  const removed: string[] = [];
  const daemons = engineProcesses(layout).length;
  const containers = engineCgroups(layout).flatMap(membersOf).length;
  if (daemons > 0) removed.push(`${daemons} processes of the embedded engine`);
  if (containers > 0) removed.push(`${containers} processes in its containers`);
  await killAll(layout);
  let cgroups = 0;
  for (const directory of engineCgroups(layout)) if (await removeCgroup(directory)) cgroups += 1;
  if (cgroups > 0) removed.push(`${cgroups} cgroups of the embedded engine`);
  if (existsSync(layout.runDir)) removed.push(`run directory ${layout.runDir}`);
  rmSync(layout.runDir, { recursive: true, force: true });
  removeSharedDirectories();
  return removed;
}

/** A fork bomb or a shim that starts a container just now needs more than one round; 5 s are far more than enough. */
const KILL_ROUNDS = 500;

async function killAll(layout: RunLayout): Promise<void> {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const daemons = engineProcesses(layout);
    for (const daemon of daemons) signal(daemon, "SIGKILL");
    const containers = killContainers(layout);
    if (daemons.length + containers === 0) return;
    await sleep(10);
  }
}

/** Returns how many processes it found. */
function killContainers(layout: RunLayout): number {
  const cgroups = engineCgroups(layout);
  for (const directory of cgroups) disarm(directory);
  const victims = cgroups.flatMap(membersOf);
  for (const victim of victims) signal(victim, "SIGKILL");
  return victims.length;
}

/** No new processes from now on (pids controller), and frozen ones can take the signal again (freezer of cgroup v1). */
function disarm(directory: string): void {
  for (const [file, value] of [
    ["pids.max", "0"],
    ["freezer.state", "THAWED"],
    ["cgroup.freeze", "0"],
  ] as const) {
    try {
      // No O_CREAT: the file is there or the hierarchy has no such controller.
      writeFileSync(join(directory, file), value, { flag: "r+" });
    } catch {
      continue;
    }
  }
}

function membersOf(cgroup: string): ProcessIdentity[] {
  const pids = read(join(cgroup, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
  return pids.flatMap((pid) => identify(pid) ?? []);
}

/** The kernel frees a cgroup a moment after its last process: EBUSY until then. */
async function removeCgroup(directory: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      rmdirSync(directory);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") return false;
      await sleep(10);
    }
  }
  return false;
}

/** Mount points of the cgroup hierarchies that this process sees. */
export function hierarchies(): string[] {
  const mounts = read("/proc/self/mounts").matchAll(/^\S+ (\S+) cgroup2? /gm);
  return [...mounts].map((match) => match[1] as string);
}
function withDescendants(directory: string): string[] {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
  const below = entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => withDescendants(join(directory, entry.name)));
  return [...below, directory];
}
function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended in between.
  }
}
function environmentOf(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split("\0");
}
function numbered(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
