import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { identityName, isAlive, ownIdentity, parseIdentityName } from "../identity.ts";
import type { RunLayout } from "./layout.ts";

/** What a later process must know to join, stop or clean up an engine. */
const EngineState = z.object({
  cacheDir: z.string(),
  /** Absent while it starts, and after a kill in the middle of that. */
  daemon: z.object({ pid: z.number(), startTicks: z.string() }).optional(),
  /** The engine is told at its start which proxy to pull through; whoever pulls serves it. */
  proxy: z.object({ port: z.number(), token: z.string() }),
  versions: z.record(z.string(), z.string()),
});
export type EngineState = z.infer<typeof EngineState>;

export function readState(stateFile: string): EngineState | undefined {
  try {
    return EngineState.safeParse(JSON.parse(readFileSync(stateFile, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** By rename: a reader never sees half of it, and a kill in the middle leaves the state of before. */
export function writeState(layout: RunLayout, state: EngineState): void {
  writeFileSync(`${layout.stateFile}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${layout.stateFile}.new`, layout.stateFile);
}

/** Registers a use of the engine by this process; each use counts. To be called under the engine's lock. */
export function addUse(layout: RunLayout, use: number): void {
  mkdirSync(layout.usersDir, { recursive: true, mode: 0o700 });
  writeFileSync(useFile(layout, use), "");
}
export function removeUse(layout: RunLayout, use: number): void {
  rmSync(useFile(layout, use), { force: true });
}
function useFile(layout: RunLayout, use: number): string {
  return join(layout.usersDir, `${identityName(ownIdentity())}.${use}`);
}

/** Uses by processes that live; those of dead ones are forgotten. To be called under the engine's lock. */
export function countLivingUses(layout: RunLayout): number {
  let living = 0;
  for (const name of readUses(layout)) {
    const user = parseIdentityName(name.slice(0, name.lastIndexOf(".")));
    if (user !== undefined && isAlive(user)) living += 1;
    else rmSync(join(layout.usersDir, name), { force: true });
  }
  return living;
}
function readUses(layout: RunLayout): string[] {
  try {
    return readdirSync(layout.usersDir);
  } catch {
    return [];
  }
}
