import { rmSync } from "node:fs";
import { PetrifyError } from "../model/errors.ts";
import { connectDocker } from "../engine/docker/connect.ts";
import { findEmbeddedEngines, removeLeftEngines } from "../engine/embedded/leftovers.ts";
import { EMBEDDED_HOST } from "../engine/embedded/start.ts";
import type { Engine } from "../engine/engine.ts";
import { findEngine } from "../engine/find.ts";
import type { FindOptions } from "../engine/probes/probe.ts";
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
  for (const { pid } of deadTests()) {
    await step(`process ${pid}`, async () => {
      process.kill(pid, "SIGKILL");
      return [`process ${pid} of a test command`];
    });
  }
  await step("embedded engines", removeLeftEngines);
  for (const { layout } of findEmbeddedEngines()) {
    await step(layout.socketPath, async () => {
      await using engine = await connectDocker({ kind: "unix", path: layout.socketPath }, "another petrify's");
      return await removeDeadSessions(engine);
    });
  }
  for (const directory of deadDirectories()) {
    await step(directory, async () => {
      rmSync(directory, { recursive: true, force: true });
      return [`directory ${directory}`];
    });
  }
  return { removed, failed };
}

async function removeDeadSessions(engine: Engine): Promise<string[]> {
  const removed: string[] = [];
  for (const resources of await deadSessions(engine)) {
    await engine.removeSession(resources.session);
    removed.push(...namesOf(resources));
  }
  return removed;
}
