import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { removePrivateEngine, startPrivateEngine } from "./private-engine.ts";

/** Vitest's global set-up of projects that need an engine: one for each file that runs at a time, which joins it in milliseconds. */
export async function setup({ config }: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lanes = Array.from({ length: config.maxWorkers }, (_, index) => String(index + 1));
  const engines = await Promise.all(lanes.map(async (lane) => ({ lane, engine: await startPrivateEngine(lane) })));
  return async () => {
    for (const { lane, engine } of engines) {
      await engine.stop();
      // Another run of the same checkout may still use it.
      if (!existsSync(engine.socketPath)) removePrivateEngine(lane);
    }
  };
}
