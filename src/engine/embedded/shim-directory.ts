import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RUN_ROOT } from "./layout.ts";

/**
 * containerd keeps its shims' sockets here whatever its configuration (containerd/containerd runtime/v2/shim/util_unix.go).
 * An engine mounts a directory of its own over it, in its own namespace; for that it has to exist on the host.
 */
export const SHIM_DIRECTORY = "/run/containerd";

/** Seen on the host only. In a file of its own, so that whichever engine ends last knows. */
const MADE_BY_PETRIFY = join(SHIM_DIRECTORY, ".made-by-petrify");

/** To be called when the engine's run directory is there already. */
export function makeShimDirectory(): void {
  if (existsSync(SHIM_DIRECTORY)) return;
  mkdirSync(SHIM_DIRECTORY, { mode: 0o711 });
  writeFileSync(MADE_BY_PETRIFY, "");
}

/**
 * Removes the directory of runs when it is empty, and then the shims' one if Petrify made it and nobody else uses it:
 * while an engine lives it is a mount point, and removing it would unmount it in that engine's namespace.
 */
export function removeSharedDirectories(): void {
  try {
    rmdirSync(RUN_ROOT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return;
  }
  if (!existsSync(MADE_BY_PETRIFY)) return;
  rmSync(MADE_BY_PETRIFY, { force: true });
  if (readdirSync(SHIM_DIRECTORY).length === 0) rmdirSync(SHIM_DIRECTORY);
}
