import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** What an embedded engine has outside its cache; gone with the engine. */
export interface RunLayout {
  readonly runDir: string;
  readonly execDir: string;
  readonly socketPath: string;
  readonly usersDir: string;
  readonly stateFile: string;
  /** Parent of the cgroups of all its containers. */
  readonly cgroupParent: string;
}

/** Where one embedded engine keeps its things. There is at most one engine per cache directory. */
export interface Layout extends RunLayout {
  /** Survives: packages, images, volumes. */
  readonly cacheDir: string;
  readonly packagesDir: string;
  readonly dataDir: string;
  /** Held while an engine starts, stops, or gains or loses a user. */
  readonly lockFile: string;
  /** Held while the engine pulls: its way out of the namespace serves one petrify process at a time. */
  readonly pullLockFile: string;
  readonly logFile: string;
}

export const RUN_ROOT = "/run/petrify";
/** First part of the name of every cgroup that an embedded engine makes below the root of a hierarchy. */
export const CGROUP_PREFIX = "petrify-";

/** `$PETRIFY_CACHE`, else `/var/cache/petrify` for root and `~/.cache/petrify` for others. */
export function defaultCacheDir(): string {
  const named = process.env["PETRIFY_CACHE"];
  if (named !== undefined && named !== "") return resolve(named);
  return process.getuid?.() === 0 ? "/var/cache/petrify" : join(homedir(), ".cache/petrify");
}

export function layoutOf(cacheDir: string): Layout {
  // A unix socket's path holds 107 bytes at most (unix(7)), so the run directory is named by a hash of the cache's path.
  const key = createHash("sha256").update(resolve(cacheDir)).digest("hex").slice(0, 12);
  const engineDir = join(cacheDir, "engine");
  return {
    ...runLayout(key),
    cacheDir,
    packagesDir: join(cacheDir, "packages"),
    dataDir: join(engineDir, "data"),
    lockFile: join(engineDir, "lock"),
    pullLockFile: join(engineDir, "pull.lock"),
    logFile: join(engineDir, "log"),
  };
}

/** `key` is the name of a directory in `RUN_ROOT`, and the end of the cgroups' name. */
export function runLayout(key: string): RunLayout {
  const runDir = join(RUN_ROOT, key);
  return {
    runDir,
    execDir: join(runDir, "exec"),
    socketPath: join(runDir, "docker.sock"),
    usersDir: join(runDir, "users"),
    stateFile: join(runDir, "engine.json"),
    cgroupParent: `${CGROUP_PREFIX}${key}`,
  };
}
export const KEY = /^[0-9a-f]{12}$/;
