import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import { answers, spawnDaemon, untilReady } from "./daemon.ts";
import { throwIfAborted, type Watched } from "./command.ts";
import { isAlive, type ProcessIdentity } from "../identity.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { withLock } from "./lock.ts";
import { removeOldPackages, unpackPackages } from "./packages.ts";
import { makeShimDirectory } from "./shim-directory.ts";
import { addUse, countLivingUses, type EngineState, readState, removeUse, writeState } from "./state.ts";
import { removeOrphans } from "./sweep.ts";
import { removeEngine, stopEngine } from "./teardown.ts";

/** One use of the embedded engine. The engine ends with its last use. */
export interface EngineUse {
  readonly layout: Layout;
  readonly daemon: ProcessIdentity;
  readonly proxy: EngineState["proxy"];
  readonly versions: Readonly<Record<string, string>>;
  /** This use started the engine. */
  readonly fresh: boolean;
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * What is unpacked for the engine; busybox sets up its namespaces and is the root of doctor's probe container, iptables leads
 * containers of one network to the engine's name server.
 */
export const ENGINE_PACKAGES = ["docker.io", "containerd", "runc", "crun", "tini", "busybox-static", "iptables"];

let uses = 0;

/**
 * Joins the engine of a cache directory, or starts it. Several petrify processes share one; what killed processes left is
 * replaced. Throws E_NOT_ROOT, E_EMBEDDED_PACKAGES, E_EMBEDDED_START, E_DISK_FULL, E_IO, E_INTERRUPTED.
 */
export async function useEngine(cacheDir: string, watched: Watched = {}): Promise<EngineUse> {
  requireRoot();
  const layout = layoutOf(cacheDir);
  mkdirSync(dirname(layout.lockFile), { recursive: true, mode: 0o711 });
  const use = ++uses;
  const waiting = "waiting for another petrify that starts or stops the embedded engine";
  const joined = await withLock(
    layout.lockFile,
    async () => (await join(layout, use)) ?? (await start(layout, use, watched)),
    waiting,
    watched,
  );
  let released: Promise<void> | undefined;
  return {
    layout,
    ...joined,
    release: () => (released ??= withLock(layout.lockFile, () => leave(layout, use), waiting)),
  };
}

type Joined = Pick<EngineUse, "daemon" | "proxy" | "versions" | "fresh">;

async function join(layout: Layout, use: number): Promise<Joined | undefined> {
  const state = readState(layout.stateFile);
  const daemon = state?.daemon;
  // An engine whose users were all killed still runs their containers: a new one is cheaper than sorting them out.
  if (state === undefined || daemon === undefined || countLivingUses(layout) === 0) return undefined;
  if (!isAlive(daemon) || !(await answers(layout.socketPath))) return undefined;
  addUse(layout, use);
  return { daemon, proxy: state.proxy, versions: state.versions, fresh: false };
}

async function start(layout: Layout, use: number, watched: Watched): Promise<Joined> {
  await removeEngine(layout);
  const packages = await unpackPackages(ENGINE_PACKAGES, layout.packagesDir, watched);
  await removeOldPackages(layout.packagesDir);
  throwIfAborted(watched.signal);
  watched.onProgress?.("starting the embedded engine");
  mkdirSync(layout.runDir, { recursive: true, mode: 0o700 });
  addUse(layout, use);
  try {
    const state: EngineState = {
      cacheDir: layout.cacheDir,
      proxy: { port: PROXY_PORT, token: randomBytes(16).toString("hex") },
      versions: packages.versions,
    };
    // Before the first process, so that a kill from here on leaves something that a later clean-up can go by.
    writeState(layout, state);
    makeShimDirectory();
    const daemon = spawnDaemon(layout, packages, state.proxy);
    writeState(layout, { ...state, daemon });
    await untilReady(layout, daemon);
    await removeOrphans(layout.socketPath);
    return { daemon, proxy: state.proxy, versions: packages.versions, fresh: true };
  } catch (error) {
    await removeEngine(layout);
    throw error;
  }
}

/** Of the engine's own network namespace, where nothing else listens. */
const PROXY_PORT = 3128;

async function leave(layout: Layout, use: number): Promise<void> {
  removeUse(layout, use);
  if (countLivingUses(layout) > 0) return;
  const daemon = readState(layout.stateFile)?.daemon;
  if (daemon !== undefined) await stopEngine(layout, daemon);
  await removeEngine(layout);
}

function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new PetrifyError(
    "E_NOT_ROOT",
    "Only root can start the embedded engine, which is used where there is no other.",
    {
      hint: "Run petrify with sudo, or install Docker or Podman, or name an engine with --host.",
    },
  );
}
