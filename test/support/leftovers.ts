import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import koffi from "koffi";
import { layoutOf } from "../../src/engine/embedded/layout.ts";
import { engineCgroups, engineProcesses } from "../../src/engine/embedded/teardown.ts";
import { dockerJson } from "./docker-http.ts";

/** Everything that commands could leave on a running engine and its host; two of these are compared. */
export interface Inventory {
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  /** Of the engine's own mount namespace: the roots of containers, their network namespaces. */
  readonly engineMounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly daemons: number;
}

export async function inventory(socketPath: string, cacheDir: string, daemonPid: number): Promise<Inventory> {
  const layout = layoutOf(cacheDir);
  const [containers, volumes, networks] = await Promise.all([
    dockerJson<{ Id: string }[]>(socketPath, "GET", "/containers/json?all=1"),
    dockerJson<{ Volumes: { Name: string }[] | null }>(socketPath, "GET", "/volumes"),
    dockerJson<{ Id: string }[]>(socketPath, "GET", "/networks"),
  ]);
  return {
    containers: containers.map(({ Id }) => Id).toSorted(),
    volumes: (volumes.Volumes ?? []).map(({ Name }) => Name).toSorted(),
    networks: networks.map(({ Id }) => Id).toSorted(),
    engineMounts: read(`/proc/${daemonPid}/mountinfo`)
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .toSorted(),
    cgroups: engineCgroups(layout).toSorted(),
    daemons: engineProcesses(layout).length,
  };
}

/** Temporary folders of sessions, of whatever petrify on this host. */
export function sessionFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^petrify-[0-9a-f]{8}-[0-9a-f]{8}-/.test(name));
}

/** Processes whose command line holds `text`. */
export function processesNamed(text: string): number[] {
  return pids().filter((pid) => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(text));
}

/** Identifiers of the BPF programs that the process holds. */
export function programsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fdinfo`).flatMap((fd) => {
      const id = /^prog_id:\s*(\d+)$/m.exec(read(`/proc/${pid}/fdinfo/${fd}`))?.[1];
      return id === undefined ? [] : [Number(id)];
    });
  } catch {
    return [];
  }
}

/**
 * BPF programs of the kernel that are newer than `known` and that no living process holds. The kernel frees a program some
 * time after its last holder has gone, so what is looked for is what stays.
 */
export async function orphanedPrograms(known: ReadonlySet<number>): Promise<number[]> {
  let orphans: number[] = [];
  for (let tries = 0; tries < 100; tries++) {
    const held = new Set(pids().flatMap(programsOf));
    orphans = allPrograms().filter((id) => !known.has(id) && !held.has(id));
    if (orphans.length === 0) return [];
    await sleep(50);
  }
  return orphans;
}

/** All programs that are loaded in this kernel, whoever did it. */
export function allPrograms(): number[] {
  const ids: number[] = [];
  const next = [0];
  // bpf(2), BPF_PROG_GET_NEXT_ID: ends with ENOENT.
  for (let id = 0; nextProgramId(id, next) === 0; id = next[0] ?? 0) ids.push(next[0] ?? 0);
  return ids;
}
const nextProgramId = koffi
  .load("libbpf.so.1")
  .func("int bpf_prog_get_next_id(uint32_t start, _Out_ uint32_t *next)") as (start: number, next: number[]) => number;

function pids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
