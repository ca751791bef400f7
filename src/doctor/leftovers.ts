import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, type ProcessIdentity } from "../engine/identity.ts";
import { findEmbeddedEngines } from "../engine/embedded/leftovers.ts";
import type { Engine, SessionResources } from "../engine/engine.ts";
import { sessionAlive } from "../engine/sessions.ts";
import { type Finding, ok, warn } from "./report.ts";

/** What killed petrify processes left, on the engine and on this host. */
export async function examineLeftovers(engine: Engine | undefined): Promise<Finding> {
  const sessions = engine === undefined ? [] : await deadSessions(engine);
  const engines = findEmbeddedEngines().filter(({ livingUses }) => livingUses === 0);
  const found = [
    ...sessions.flatMap(namesOf),
    ...engines.map(({ layout, processes }) => `embedded engine in ${layout.runDir} (${processes} processes)`),
    ...deadTests().map(({ pid }) => `process ${pid} of a test command`),
    ...deadDirectories(),
  ];
  if (found.length === 0) return ok("leftovers", "leftovers", "none");
  return warn("leftovers", "leftovers", found.join(", "), "petrify doctor --clean removes them.");
}

export async function deadSessions(engine: Engine): Promise<readonly SessionResources[]> {
  return (await engine.listSessions()).filter(({ session }) => !sessionAlive(session));
}

/** In words: `container petrify-redis-1`. */
export function namesOf({ containers, volumes, networks }: SessionResources): string[] {
  return [
    ...containers.map((name) => `container ${name}`),
    ...volumes.map((name) => `volume ${name}`),
    ...networks.map((name) => `network ${name}`),
  ];
}

/** Processes of test commands whose petrify was killed; what left the command's process group is a daemon of the user's. */
export function deadTests(): ProcessIdentity[] {
  return readdirSync("/proc").flatMap((name) => {
    const identity = /^[1-9]\d*$/.test(name) ? identify(Number(name)) : undefined;
    if (identity === undefined) return [];
    const environment = readProc(`${name}/environ`).split("\0");
    const valueOf = (variable: string): string | undefined =>
      environment.find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1);
    const session = valueOf("PETRIFY_SESSION");
    if (session === undefined || sessionAlive(session)) return [];
    // proc(5): field 5 is the process group; the name before it may hold spaces and parentheses.
    const stat = readProc(`${name}/stat`);
    const group = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2];
    return group !== undefined && group === valueOf("PETRIFY_TEST_GROUP") ? [identity] : [];
  });
}

function readProc(file: string): string {
  try {
    return readFileSync(join("/proc", file), "latin1");
  } catch {
    return "";
  }
}

/** Temporary directories are named `petrify-SESSION-XXXXXX`; those of living sessions stay. */
export function deadDirectories(): string[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    const session = /^petrify-([0-9a-f]{8}-[0-9a-f]{8}(?:-\d+){3}-[0-9a-f]{8})-/.exec(name)?.[1];
    return session === undefined || sessionAlive(session) ? [] : [join(tmpdir(), name)];
  });
}
