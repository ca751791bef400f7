import { statfsSync } from "node:fs";
import { PetrifyError } from "../model/errors.ts";
import { formatApproximateSize } from "../model/units.ts";
import { candidates, requireApt } from "../engine/embedded/apt.ts";
import { command } from "../engine/embedded/command.ts";
import { defaultCacheDir, layoutOf } from "../engine/embedded/layout.ts";
import { DOCKERD } from "../engine/embedded/dockerd.ts";
import { cachedPackages } from "../engine/embedded/packages.ts";
import { type Finding, ok, warn } from "./report.ts";

const ID = "embedded";
const NAME = "embedded engine";

/** Whether the embedded engine could start, and what it keeps on disk. Fetches no package and starts nothing. */
export async function examineEmbedded(): Promise<Finding[]> {
  return [await readiness(), await cacheSize()];
}

async function readiness(): Promise<Finding> {
  if (process.getuid?.() !== 0)
    return warn(ID, NAME, "only root can start it", "Run petrify with sudo, or use another engine.");
  const ready = cachedPackages(DOCKERD.packages, layoutOf(defaultCacheDir()).packagesDir);
  if (ready !== undefined) {
    const { "docker.io": dockerd, runc, crun } = ready.versions;
    return ok(ID, NAME, `ready: dockerd ${dockerd}, runc ${runc}, crun ${crun}`);
  }
  try {
    requireApt();
    const wanted = await candidates(DOCKERD.packages);
    const sizeBytes = wanted.reduce((sum, candidate) => sum + candidate.sizeBytes, 0);
    const version = wanted.find(({ name }) => name === "docker.io")?.version;
    return ok(
      ID,
      NAME,
      `dockerd ${version} will be fetched when it is first needed (${formatApproximateSize(sizeBytes)}), never installed`,
    );
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    return warn(ID, NAME, error.message, error.hint ?? "Use another engine.");
  }
}

async function cacheSize(): Promise<Finding> {
  const directory = defaultCacheDir();
  const { stdout } = await command("du", ["-skx", directory]);
  const usedBytes = Number.parseInt(stdout, 10) * 1024;
  if (!(usedBytes > 0)) return ok("cache", "cache", `${directory}: empty`);
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const found = `${directory}: ${formatApproximateSize(usedBytes)}, ${formatApproximateSize(free)} free on its disk`;
  if (free > 2 ** 30) return ok("cache", "cache", found);
  return warn("cache", "cache", found, "Free some space, or set PETRIFY_CACHE to a directory on another disk.");
}
