import { chmodSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { candidates, requireApt } from "../../engine/embedded/apt.ts";
import { command, type Watched } from "../../engine/embedded/command.ts";
import { defaultCacheDir, layoutOf } from "../../engine/embedded/layout.ts";
import { cachedPackages, type UnpackedPackages, unpackPackages } from "../../engine/embedded/packages.ts";
import { PetrifyError } from "../../model/errors.ts";
import { formatApproximateSize } from "../../model/units.ts";

/** Where a container finds strace, its loader and libraries; mounted read-only. */
export const TOOLS_TARGET = "/.petrify-strace";

/** `setpriv` takes back the capability that strace needs before the entrypoint runs. */
const PACKAGES = ["strace", "util-linux"];
const PROGRAMS = ["strace", "setpriv"];
const LIBRARY = /^\t(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/gm;

export interface StraceTools {
  /** Holds programs and libraries, flat. */
  readonly directory: string;
  /** File name of the dynamic loader in it. */
  readonly loader: string;
}

/**
 * Debian's strace with all that it needs to run in any container, fetched and unpacked into the cache, never installed.
 * Throws E_SENSOR_UNAVAILABLE, and what unpacking throws.
 */
export async function straceTools(watched: Watched = {}): Promise<StraceTools> {
  const packagesDir = packagesDirectory();
  return collected(await unpackPackages(PACKAGES, packagesDir, watched));
}

/** How strace comes to be here, one line; fetches nothing. Throws E_EMBEDDED_PACKAGES when it cannot come. */
export async function straceAvailability(): Promise<string> {
  const cached = cachedPackages(PACKAGES, packagesDirectory())?.versions["strace"];
  if (cached !== undefined) return `ready: ${cached}`;
  requireApt();
  const wanted = await candidates(PACKAGES);
  const version = wanted.find(({ name }) => name === "strace")?.version;
  const sizeBytes = wanted.reduce((sum, candidate) => sum + candidate.sizeBytes, 0);
  return `${version} will be fetched when it is first needed (${formatApproximateSize(sizeBytes)}), never installed`;
}

function packagesDirectory(): string {
  return layoutOf(defaultCacheDir()).packagesDir;
}

async function collected({ root, env }: UnpackedPackages): Promise<StraceTools> {
  const programs = PROGRAMS.map((name) => join(root, "usr/bin", name));
  const { stdout } = await command("ldd", programs, {
    env: env.LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH: env.LD_LIBRARY_PATH },
  });
  const libraries = [...new Set([...stdout.matchAll(LIBRARY)].map((match) => match[1] as string))];
  const loader = libraries.find((path) => basename(path).startsWith("ld-linux"));
  if (loader === undefined)
    throw new PetrifyError("E_SENSOR_UNAVAILABLE", "The loader that strace needs was not found on this host.", {
      hint: "Use --sensor bpf or --sensor diff.",
    });
  const directory = join(root, "petrify-strace");
  if (!existsSync(directory)) collect([...programs, ...libraries], directory);
  return { directory, loader: basename(loader) };
}

/** Copies, for a container must not see the host's directories; under its name only when it is whole. */
function collect(files: readonly string[], directory: string): void {
  const temporary = mkdtempSync(`${directory}-`);
  try {
    // Containers run it as any user.
    chmodSync(temporary, 0o755);
    for (const file of files) copyFileSync(file, join(temporary, basename(file)));
    renameSync(temporary, directory);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another petrify may have been faster.
    if (!existsSync(directory)) throw error;
  }
}
