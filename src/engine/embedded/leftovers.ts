import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { CGROUP_PREFIX, KEY, layoutOf, RUN_ROOT, type RunLayout, runLayout } from "./layout.ts";
import { withLock } from "./lock.ts";
import { countLivingUses, readState } from "./state.ts";
import { engineProcesses, hierarchies, removeEngine } from "./teardown.ts";

/** An embedded engine, or what is left of one, of any cache directory of this host. */
export interface FoundEngine {
  readonly layout: RunLayout;
  /** Processes of petrify that use it now. */
  readonly livingUses: number;
  readonly processes: number;
}

/** Looks without changing anything, but for forgetting users that are dead. */
export function findEmbeddedEngines(): FoundEngine[] {
  return engineKeys().map((key) => {
    const layout = runLayout(key);
    return {
      layout,
      livingUses: countLivingUses(layout),
      processes: engineProcesses(layout).length,
    };
  });
}

/** Removes every embedded engine that no living process uses. Returns what was there, in plain words. */
export async function removeLeftEngines(): Promise<string[]> {
  const removed: string[] = [];
  for (const key of engineKeys()) removed.push(...(await removeIfLeft(runLayout(key))));
  return removed;
}

async function removeIfLeft(layout: RunLayout): Promise<string[]> {
  const remove = async (): Promise<string[]> => (countLivingUses(layout) > 0 ? [] : removeEngine(layout));
  const state = readState(layout.stateFile);
  // Without its state no process of it had been started; its users, if they live, are just about to write it.
  if (state === undefined) return remove();
  const owner = layoutOf(state.cacheDir);
  // The lock lies in the cache. A cache that has been deleted has no engine that could start.
  return owner.runDir === layout.runDir && existsSync(owner.lockFile) ? withLock(owner.lockFile, remove) : remove();
}

/** By run directory, and by cgroup for those whose run directory was deleted. They are root's: to others their users would all look dead. */
function engineKeys(): string[] {
  if (process.getuid?.() !== 0) return [];
  const runs = names(RUN_ROOT);
  const cgroups = hierarchies()
    .flatMap(names)
    .filter((name) => name.startsWith(CGROUP_PREFIX));
  const keys = [...runs, ...cgroups.map((name) => basename(name).slice(CGROUP_PREFIX.length))];
  return [...new Set(keys)].filter((key) => KEY.test(key));
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
