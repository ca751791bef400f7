import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/** A real cgroup that looks like a container's, for programs that a test runs in it. */
export interface TestCgroup {
  readonly id: string;
  readonly directory: string;
  /** Runs a program in it, from its exec on. */
  run(argv: readonly string[], cwd?: string): SpawnSyncReturns<string>;
  /** Keeps a process in it, as a container's init is there: what paths are looked up with. Resolves when it is there. */
  hold(): Promise<void>;
  /** Ends what `hold` keeps, and takes the cgroup away. */
  remove(): Promise<void>;
}

/** Where the mount of cgroup v2 is, on hybrid hosts and on others. */
export const UNIFIED = existsSync("/sys/fs/cgroup/cgroup.procs") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified";
/** The v1 hierarchy that the sensor looks at; absent on a pure v2 host. */
export const PIDS_V1 = existsSync("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : undefined;

export const containerId = (): string => randomBytes(32).toString("hex");

export function makeCgroup(hierarchy: string, id: string, nameOf: (id: string) => string = (bare) => bare): TestCgroup {
  const directory = join(hierarchy, nameOf(id));
  mkdirSync(directory, { recursive: true });
  const procs = join(directory, "cgroup.procs");
  let holder: ChildProcess | undefined;
  return {
    id,
    directory,
    run(argv, cwd = "/") {
      const script = `echo $$ >"$0" && exec "$@"`;
      return spawnSync("sh", ["-c", script, procs, ...argv], { cwd, encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
    },
    async hold() {
      holder = spawn("sh", ["-c", `echo $$ >"$0" && echo in && exec sleep 600`, procs], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      if (holder.stdout !== null) await once(holder.stdout, "data");
    },
    async remove() {
      if (holder !== undefined) {
        const ended = once(holder, "exit");
        holder.kill("SIGKILL");
        await ended;
      }
      removeTree(directory);
    },
  };
}

/** A cgroup directory goes by rmdir only, its children first. */
function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(directory, entry.name));
  rmdirSync(directory);
}
