import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCacheDir, layoutOf } from "../engine/embedded/layout.ts";
import { DOCKERD } from "../engine/embedded/dockerd.ts";
import { cachedPackages, unpackPackages } from "../engine/embedded/packages.ts";
import type { Engine } from "../engine/engine.ts";

export const PROBE_IMAGE = "petrify-doctor:probe";
/** A directory that the image has, with a mode of its own, and one that it does not have. */
export const PROBE_DIRECTORIES = { existing: "/existing", missing: "/missing" } as const;

/** Makes the image on the engine: one static busybox and one directory. Throws E_EMBEDDED_PACKAGES where there is no busybox. */
export async function makeProbeImage(
  engine: Engine,
  session: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const busybox = join(await busyboxRoot(onProgress), "bin/busybox");
  const folder = mkdtempSync(join(tmpdir(), `petrify-${session}-`));
  try {
    for (const name of ["bin", PROBE_DIRECTORIES.existing]) mkdirSync(join(folder, name), { mode: 0o755 });
    copyFileSync(busybox, join(folder, "bin/busybox"));
    symlinkSync("busybox", join(folder, "bin/stat"));
    const tar = spawn("tar", ["-C", folder, "--owner=0", "--group=0", "-c", "."], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await engine.importImage(tar.stdout, { reference: PROBE_IMAGE, changes: [] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The engine's packages hold it; a host that has not fetched those fetches this one alone, of one megabyte. */
async function busyboxRoot(onProgress: (line: string) => void): Promise<string> {
  const { packagesDir } = layoutOf(defaultCacheDir());
  const cached = cachedPackages(DOCKERD.packages, packagesDir);
  return (cached ?? (await unpackPackages(["busybox-static"], packagesDir, { onProgress }))).root;
}
