import { createHash } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { ENGINE_PACKAGES, useEngine } from "../../src/engine/embedded/lifecycle.ts";
import { unpackPackages } from "../../src/engine/embedded/packages.ts";

/** A dockerd for tests: nobody else's, without a way out, with runc and crun. */
export interface PrivateEngine {
  readonly socketPath: string;
  readonly pid: number;
  /** Cache directory for `startEmbeddedEngine`, which then joins this engine. */
  readonly cacheDir: string;
  /** The engine ends when the last one of this checkout's tests stops it. */
  stop(): Promise<void>;
}

/** One per checkout: two checkouts that test at once share nothing but the unpacked packages. */
const checkout = resolve(import.meta.dirname, "../..");
const cacheDir = join(tmpdir(), `petrify-test-${createHash("sha256").update(checkout).digest("hex").slice(0, 8)}`);

/** Joins the engine of this checkout's tests, which test/support/engine-setup.ts holds for the whole run; else starts it. */
export async function startPrivateEngine(): Promise<PrivateEngine> {
  const packages = join(defaultCacheDir(), "packages");
  mkdirSync(packages, { recursive: true, mode: 0o755 });
  mkdirSync(cacheDir, { recursive: true, mode: 0o711 });
  try {
    symlinkSync(packages, join(cacheDir, "packages"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const use = await useEngine(cacheDir);
  return { socketPath: use.layout.socketPath, pid: use.daemon.pid, cacheDir, stop: () => use.release() };
}

/** The static busybox that comes with the engine: what test images are made of. */
export async function busyboxPath(): Promise<string> {
  const { root } = await unpackPackages(ENGINE_PACKAGES, join(defaultCacheDir(), "packages"));
  return join(root, "bin/busybox");
}

/** Images and volumes of the tests; to be called when the engine has stopped. */
export function removePrivateEngine(): void {
  rmSync(cacheDir, { recursive: true, force: true });
}
