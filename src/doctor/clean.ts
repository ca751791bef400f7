import { type ErrorCode, PetrifyError } from "../model/errors.ts";
import { connectDocker } from "../engine/docker/connect.ts";
import { findEmbeddedEngines, removeLeftEngines } from "../engine/embedded/leftovers.ts";
import { EMBEDDED_HOST } from "../engine/embedded/start.ts";
import type { Engine } from "../engine/engine.ts";
import { findEngine } from "../engine/find.ts";
import { isAlive } from "../engine/identity.ts";
import type { FindOptions } from "../engine/probes/probe.ts";
import { removeTree } from "../learn/remove-tree.ts";
import { deadDirectories, deadSessions, deadTests, namesOf } from "./leftovers.ts";

export interface CleanReport {
  /** In words, what was there and is gone. */
  readonly removed: readonly string[];
  /** What could not be looked at or removed, and why. */
  readonly failed: readonly string[];
}

/**
 * Removes what petrify processes that were killed have left: containers, volumes and networks with the label of a session
 * whose process is dead, embedded engines without a living user, their cgroups and sockets, test commands, temporary directories.
 * Nothing that Petrify did not make, and nothing of a session that lives. Never throws for one of them: the rest follows.
 */
export async function clean(options: FindOptions = {}): Promise<CleanReport> {
  const removed: string[] = [];
  const failed: string[] = [];
  const step = async (what: string, work: () => Promise<readonly string[]>): Promise<void> => {
    try {
      removed.push(...(await work()));
    } catch (error) {
      failed.push(`${what}: ${error instanceof PetrifyError ? error.message : String(error)}`);
    }
  };
  await step("the engine", async () => {
    await using engine = options.host === EMBEDDED_HOST ? undefined : await findEngine(options);
    return engine === undefined ? [] : await removeDeadSessions(engine);
  });
  for (const test of deadTests()) {
    await step(`process ${test.pid}`, async () => {
      if (!isAlive(test)) return [];
      process.kill(test.pid, "SIGKILL");
      return [`process ${test.pid} of a test command`];
    });
  }
  await step("embedded engines", removeLeftEngines);
  for (const { layout } of findEmbeddedEngines()) {
    await step(layout.socketPath, () => removeFromLiving(layout.socketPath));
  }
  for (const directory of deadDirectories()) {
    await step(directory, async () => {
      await removeTree(directory);
      return [`directory ${directory}`];
    });
  }
  return { removed, failed };
}

/** One that does not answer is just being started or stopped by those who use it: it begins empty, and takes all with it. */
async function removeFromLiving(socketPath: string): Promise<string[]> {
  try {
    await using engine = await connectDocker({ kind: "unix", path: socketPath }, "another petrify's");
    return await removeDeadSessions(engine);
  } catch (error) {
    if (error instanceof PetrifyError && NOT_THERE.has(error.code)) return [];
    throw error;
  }
}
const NOT_THERE: ReadonlySet<ErrorCode> = new Set(["E_ENGINE_UNREACHABLE", "E_ENGINE_LOST"]);

async function removeDeadSessions(engine: Engine): Promise<string[]> {
  const removed: string[] = [];
  for (const resources of await deadSessions(engine)) {
    await engine.removeSession(resources.session);
    removed.push(...namesOf(resources));
  }
  return removed;
}
