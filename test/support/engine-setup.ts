import { existsSync } from "node:fs";
import { removePrivateEngine, startPrivateEngine } from "./private-engine.ts";

/** Vitest's global set-up of the project `real`: one engine for all its files, so that each joins it in milliseconds. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const engine = await startPrivateEngine();
  return async () => {
    await engine.stop();
    // Another run of the same checkout may still use it.
    if (!existsSync(engine.socketPath)) removePrivateEngine();
  };
}
