import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultCacheDir } from "../../src/engine/embedded/layout.ts";
import { withLock } from "../../src/engine/embedded/lock.ts";
import { PetrifyError } from "../../src/model/errors.ts";

/** A built layer: `FILE.tar` in the cache and what is known of it. */
export interface Layer {
  readonly tar: string;
  /** SHA-256 of the tar, `sha256:...`: what an image config calls diff_id. */
  readonly diffId: string;
  readonly sizeBytes: number;
  /** RFC 3339. */
  readonly created: string;
  /** `name version` of everything installed, for the record. */
  readonly packages: readonly string[];
}

/** Where built layers are kept between runs; made when it is not there. */
export async function imageCacheFolder(): Promise<string> {
  const folder = join(defaultCacheDir(), "images");
  await mkdir(folder, { recursive: true, mode: 0o755 }).catch((cause: unknown) => {
    throw new PetrifyError("E_IO", `The folder ${folder} cannot be made.`, {
      hint: "Name another one in PETRIFY_CACHE.",
      cause,
    });
  });
  return folder;
}

export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** The layer that was stored under this name and key; undefined when there is none. */
export async function cachedLayer(folder: string, name: string, key: string): Promise<Layer | undefined> {
  const text = await readFile(join(folder, `${name}-${key}.json`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : { ...(JSON.parse(text) as Layer), tar: join(folder, `${name}-${key}.tar`) };
}

/** The layer of this name and key, which `build` makes where the cache has none: once, however many processes want it. */
export async function storedOnce(
  folder: string,
  name: string,
  key: string,
  build: () => Promise<Layer>,
): Promise<Layer> {
  const cached = await cachedLayer(folder, name, key);
  if (cached !== undefined) return cached;
  return withLock(join(folder, `${name}.lock`), async () => {
    const meanwhile = await cachedLayer(folder, name, key);
    return meanwhile ?? storeLayer(folder, name, key, await build());
  });
}

/** Moves a tar into the cache, in place of older ones of this name. The description is written last: without it the tar does not count. */
async function storeLayer(folder: string, name: string, key: string, layer: Layer): Promise<Layer> {
  const stored = { ...layer, tar: join(folder, `${name}-${key}.tar`) };
  await rename(layer.tar, stored.tar);
  const description = join(folder, `${name}-${key}.json`);
  await writeFile(`${description}.new`, JSON.stringify(stored, undefined, 1));
  await rename(`${description}.new`, description);
  const older = new RegExp(`^${name.replaceAll(".", "\\.")}-[0-9a-f]{16}\\.(tar|json)$`);
  for (const file of await readdir(folder))
    if (older.test(file) && !file.includes(key)) await rm(join(folder, file), { force: true });
  return stored;
}

/** Makes a work folder of this process; folders of processes that no longer live are removed. */
export async function workFolder(folder: string): Promise<string> {
  for (const file of await readdir(folder)) {
    const pid = /^work-(\d+)$/.exec(file)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, file), { recursive: true, force: true });
  }
  const work = join(folder, `work-${process.pid}`);
  await mkdir(work, { recursive: true });
  return work;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
