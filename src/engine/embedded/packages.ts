import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { PetrifyError } from "../../model/errors.ts";
import {
  type Candidate,
  candidates,
  directDependencies,
  download,
  listsStamp,
  missingDependencies,
  requireApt,
} from "./apt.ts";
import { command, SYSTEM_PATH, throwIfAborted, type Watched } from "./command.ts";
import { libraryPath, missingLibraries } from "./libraries.ts";
import { withLock } from "./lock.ts";

/** Debian packages unpacked, not installed: no maintainer script ran, dpkg does not know them. */
export interface UnpackedPackages {
  readonly root: string;
  /** Package name -> version. */
  readonly versions: Readonly<Record<string, string>>;
  /** PATH with the programs of the root first, and LD_LIBRARY_PATH for what the host lacks. */
  readonly env: { readonly PATH: string; readonly LD_LIBRARY_PATH?: string };
}

export interface UnpackOptions extends Watched {
  /** `libraries` (default): shared libraries that the programs lack. `all`: whatever an installation would bring. */
  readonly dependencies?: "libraries" | "all";
}

const Manifest = z.object({ versions: z.record(z.string(), z.string()) });
const Chosen = z.object({ key: z.string(), listsStamp: z.number() });

/**
 * Fetches packages with `apt-get download` and unpacks them below `directory`, once per set of versions. What is there is
 * taken as it is until the host's package lists change; then newer versions are fetched, and if that fails, the old stay.
 * Safe when several processes do it at once and after a kill in the middle. Throws E_EMBEDDED_PACKAGES, E_DISK_FULL, E_IO, E_INTERRUPTED.
 */
export async function unpackPackages(
  names: readonly string[],
  directory: string,
  options: UnpackOptions = {},
): Promise<UnpackedPackages> {
  requireApt();
  makePrivate(directory);
  const ready = chosen(names, directory);
  if (ready !== undefined && ready.listsStamp === listsStamp()) return ready.packages;
  return withLock(
    join(directory, "lock"),
    async () => {
      // Another process may have done it while this one waited.
      const meanwhile = chosen(names, directory);
      if (meanwhile !== undefined && meanwhile.listsStamp === listsStamp()) return meanwhile.packages;
      try {
        return await refresh(names, directory, options);
      } catch (error) {
        throwIfAborted(options.signal);
        if (meanwhile === undefined) throw error;
        options.onProgress?.(
          `keeping the packages of before: ${error instanceof Error ? error.message : String(error)}`,
        );
        return meanwhile.packages;
      }
    },
    "waiting for another petrify that fetches packages",
    options,
  );
}

/** What `unpackPackages` has unpacked already; asks nobody and fetches nothing. */
export function cachedPackages(names: readonly string[], directory: string): UnpackedPackages | undefined {
  return chosen(names, directory)?.packages;
}

/** Removes unpacked versions that no set of names points to any more. Only while nothing runs from them. */
export async function removeOldPackages(directory: string): Promise<void> {
  await withLock(join(directory, "lock"), async () => {
    const names = readdirSync(directory);
    const kept = new Set(
      names.filter((name) => name.endsWith(".json")).map((name) => readChosen(join(directory, name))?.key),
    );
    for (const name of names)
      if (name.startsWith("root-") && !kept.has(name)) rmSync(join(directory, name), { recursive: true });
  });
}

function chosen(
  names: readonly string[],
  directory: string,
): { packages: UnpackedPackages; listsStamp: number } | undefined {
  const choice = readChosen(choiceFile(names, directory));
  const packages = choice === undefined ? undefined : readUnpacked(join(directory, choice.key));
  return choice === undefined || packages === undefined ? undefined : { packages, listsStamp: choice.listsStamp };
}

async function refresh(names: readonly string[], directory: string, options: UnpackOptions): Promise<UnpackedPackages> {
  // Only the holder of the lock makes these, so one that is there belongs to a process that was killed.
  for (const name of readdirSync(directory))
    if (name.startsWith("tmp-")) rmSync(join(directory, name), { recursive: true });
  const wanted = await candidates(names, options);
  const key = `root-${names[0]}-${hash(
    wanted
      .map(({ fileName }) => fileName)
      .toSorted()
      .join("\n"),
  )}`;
  const target = join(directory, key);
  if (readUnpacked(target) === undefined) await build(wanted, directory, target, options);
  const choice: z.infer<typeof Chosen> = { key, listsStamp: listsStamp() };
  writeAtomically(choiceFile(names, directory), JSON.stringify(choice));
  const packages = readUnpacked(target);
  if (packages === undefined) throw new PetrifyError("E_IO", `${target} was removed while it was made.`);
  return packages;
}

/** Unpacked packages take about four times the size of their files (measured on docker.io, containerd, runc: 66 MB, 265 MB). */
const UNPACKED_RATIO = 4;

async function build(
  wanted: readonly Candidate[],
  directory: string,
  target: string,
  options: UnpackOptions,
): Promise<void> {
  const sizeBytes = wanted.reduce((sum, candidate) => sum + candidate.sizeBytes, 0);
  requireSpace(directory, sizeBytes * (1 + UNPACKED_RATIO));
  const temporary = mkdtempSync(join(directory, "tmp-"));
  try {
    const versions: Record<string, string> = {};
    const debs = join(temporary, "debs");
    const root = join(temporary, "root");
    mkdirSync(debs);
    mkdirSync(root, { mode: 0o755 });
    const add = async (names: readonly string[]) => {
      await download(names, debs, options);
      for (const file of readdirSync(debs)) {
        const [name = "", version = ""] = file.split("_");
        options.onProgress?.(`unpacking ${name}`);
        await unpack(join(debs, file), root, options);
        rmSync(join(debs, file));
        versions[name] = decodeURIComponent(version);
      }
    };
    const names = wanted.map(({ name }) => name);
    await add(names);
    if (options.dependencies === "all") {
      const rest = (await missingDependencies(names, options)).filter((name) => !(name in versions));
      if (rest.length > 0) await add(rest);
    }
    await addMissingLibraries(root, names, add);
    writeFileSync(join(root, MANIFEST), JSON.stringify({ versions } satisfies z.infer<typeof Manifest>));
    // A rename is on disk before the data of what it renames may be: a power cut would leave empty programs.
    await command("sync", ["--file-system", root]);
    rmSync(target, { recursive: true, force: true });
    renameSync(root, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Deep enough for every package Petrify uses; a cycle must end somewhere. */
const MAX_LEVELS = 4;

async function addMissingLibraries(
  root: string,
  names: readonly string[],
  add: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  let missing = await missingLibraries(root);
  const seen = new Set(names);
  let level: readonly string[] = names;
  for (let depth = 0; missing.length > 0 && depth < MAX_LEVELS; depth++) {
    level = (await directDependencies(level)).filter((name) => !seen.has(name));
    for (const name of level) seen.add(name);
    const installed = await installedPackages();
    const libraries = level.filter((name) => name.startsWith("lib") && !installed.has(name));
    if (libraries.length > 0) await add(libraries);
    missing = await missingLibraries(root);
  }
  if (missing.length > 0) {
    throw new PetrifyError("E_EMBEDDED_PACKAGES", `Shared libraries are missing on this host: ${missing.join(", ")}.`, {
      hint: `Install the packages that hold them, or Docker or Podman.`,
    });
  }
}

async function installedPackages(): Promise<Set<string>> {
  const { stdout } = await command("dpkg-query", ["-W", "-f", "${db:Status-Abbrev}${Package}\n"]);
  return new Set([...stdout.matchAll(/^ii (\S+)$/gm)].map((match) => match[1] as string));
}

async function unpack(deb: string, root: string, { signal }: Watched): Promise<void> {
  const result = await command("dpkg", ["-x", deb, root], signal === undefined ? {} : { signal });
  if (result.exitCode === 0) return;
  if (/No space left on device/.test(result.stderr)) throw diskFull(root);
  throw new PetrifyError("E_EMBEDDED_PACKAGES", `${deb} could not be unpacked.`, { cause: new Error(result.stderr) });
}

function requireSpace(directory: string, neededBytes: number): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < neededBytes) throw diskFull(directory, neededBytes);
}
function diskFull(directory: string, neededBytes?: number): PetrifyError {
  const need = neededBytes === undefined ? "" : `: ${Math.ceil(neededBytes / 1e6)} MB are needed`;
  return new PetrifyError("E_DISK_FULL", `There is no space left in ${directory}${need}.`, {
    hint: "Free some space, or set PETRIFY_CACHE to a directory on another disk.",
  });
}

/** Programs from here run as root: a directory that others can write to would give them root. */
function makePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const { uid, mode } = statSync(directory);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) return;
  throw new PetrifyError("E_EMBEDDED_PACKAGES", `${directory} belongs to, or can be written by, another user.`, {
    hint: "Set PETRIFY_CACHE to a directory that only you can write to.",
  });
}

const MANIFEST = ".petrify-packages.json";

function readUnpacked(root: string): UnpackedPackages | undefined {
  const manifest = readJson(join(root, MANIFEST), Manifest);
  if (manifest === undefined) return undefined;
  const libraries = libraryPath(root);
  const PATH = [...["usr/sbin", "usr/bin", "sbin", "bin"].map((part) => join(root, part)), SYSTEM_PATH].join(":");
  return { root, versions: manifest.versions, env: { PATH, ...(libraries !== "" && { LD_LIBRARY_PATH: libraries }) } };
}
function readChosen(file: string): z.infer<typeof Chosen> | undefined {
  return readJson(file, Chosen);
}
function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}
function choiceFile(names: readonly string[], directory: string): string {
  return join(directory, `${names[0]}-${hash(names.toSorted().join("\n"))}.json`);
}
function writeAtomically(file: string, text: string): void {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}
function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
