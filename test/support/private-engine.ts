import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { DOCKERD } from "../../src/engine/embedded/dockerd.ts";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { useEngine } from "../../src/engine/embedded/lifecycle.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";
import type { EngineProgram } from "../../src/engine/embedded/program.ts";
import { authzDockerd } from "./authz-dockerd.ts";
import { IMAGE_STORE, NEWER_DOCKER } from "./newer-docker-program.ts";
import { PODMAN, ROOTLESS_PODMAN } from "./podman-program.ts";
import { REMAPPED_DOCKERD } from "./remapped-dockerd.ts";
import { WRAPPED_DOCKERD, WRAPPED_PODMAN } from "./wrapped-engines.ts";

/** An engine for tests: nobody else's, without a way out. */
export interface PrivateEngine {
  readonly socketPath: string;
  readonly pid: number;
  /** Cache directory for `startEmbeddedEngine`, which then joins this engine. */
  readonly cacheDir: string;
  /** The engine ends when the last one of this checkout's tests stops it. */
  stop(): Promise<void>;
}

/**
 * One of each kind per checkout and file that runs at a time: two checkouts that test at once, or two files, share nothing but the
 * unpacked packages. Vitest numbers what runs at a time from 1 on.
 */
const checkout = resolve(import.meta.dirname, "../..");
const key = createHash("sha256").update(checkout).digest("hex").slice(0, 8);
const ownLane = process.env["VITEST_POOL_ID"] ?? "1";
const cacheDir = (suffix = "", lane = ownLane): string => join(tmpdir(), `petrify-test-${key}-${lane}${suffix}`);

/** dockerd with runc and crun: joins the one that test/support/engine-setup.ts holds for the whole run, else starts it. */
export function startPrivateEngine(lane?: string): Promise<PrivateEngine> {
  return start(DOCKERD, cacheDir("", lane));
}

/** The same with all it stores in memory, which is many times faster for thousands of containers that never run. Goes with its last user. */
export function startPrivateEngineInMemory(lane?: string): Promise<PrivateEngine> {
  const directory = cacheDir("-memory", lane);
  return startForgetful(DOCKERD, existsSync(MEMORY) ? join(MEMORY, basename(directory)) : directory);
}
const MEMORY = "/dev/shm";

/** dockerd with `--userns-remap`. Its images and containers go with its last user. */
export function startRemappedEngine(): Promise<PrivateEngine> {
  return startForgetful(REMAPPED_DOCKERD, cacheDir("-remapped"));
}

/** dockerd that asks the authorization plugin at this socket, which must answer by then. The same holds for its images. */
export function startAuthorizedEngine(pluginSocket: string): Promise<PrivateEngine> {
  return startForgetful(authzDockerd(pluginSocket), cacheDir("-authz"));
}

/** dockerd with Petrify's runtime wrapper as its default runtime. The same holds. */
export function startWrappedEngine(): Promise<PrivateEngine> {
  return startForgetful(WRAPPED_DOCKERD, cacheDir("-wrapped"));
}

/** Podman's service and command with the wrapper in front of crun. The same holds. */
export function startWrappedPodman(): Promise<PrivateEngine> {
  return startForgetful(WRAPPED_PODMAN, cacheDir("-wrapped-podman"));
}

/** Podman's service with crun. Its images and containers go with its last user. */
export function startPrivatePodman(): Promise<PrivateEngine> {
  return startForgetful(PODMAN, cacheDir("-podman"));
}

/** The same, as an unprivileged user. Its containers need `network: "none"`: there is no slirp4netns. */
export function startRootlessPodman(): Promise<PrivateEngine> {
  return startForgetful(ROOTLESS_PODMAN, cacheDir("-rootless"));
}

/** Docker 26 with the containerd image store. Its images and containers go with its last user. */
export function startPrivateImageStore(): Promise<PrivateEngine> {
  return startForgetful(IMAGE_STORE, cacheDir("-image-store"));
}

/** Docker 26 with a graph driver, as before the image store. The same holds for its images and containers. */
export function startPrivateNewerDocker(): Promise<PrivateEngine> {
  return startForgetful(NEWER_DOCKER, cacheDir("-newer-docker"));
}

async function startForgetful(program: EngineProgram, directory: string): Promise<PrivateEngine> {
  const engine = await start(program, directory);
  const stop = async (): Promise<void> => {
    await engine.stop();
    // Another test of this checkout may still use it.
    if (!existsSync(engine.socketPath)) rmSync(directory, { recursive: true, force: true });
  };
  return { ...engine, stop };
}

async function start(program: EngineProgram, directory: string): Promise<PrivateEngine> {
  const packages = join(defaultCacheDir(), "packages");
  mkdirSync(packages, { recursive: true, mode: 0o755 });
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  try {
    symlinkSync(packages, join(directory, "packages"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const use = await useEngine(directory, {}, program);
  return { socketPath: use.layout.socketPath, pid: use.daemon.pid, cacheDir: directory, stop: () => use.release() };
}

/** The static busybox that comes with the engine: what test images are made of. */
export async function busyboxPath(): Promise<string> {
  const { root } = await unpackPackages(DOCKERD.packages, join(defaultCacheDir(), "packages"));
  return join(root, "bin/busybox");
}

/** Images and volumes of the tests; to be called when the engine has stopped. */
export function removePrivateEngine(lane: string): void {
  rmSync(cacheDir("", lane), { recursive: true, force: true });
}
