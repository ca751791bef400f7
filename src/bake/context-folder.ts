import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "../learn/remove-tree.ts";
import { PetrifyError } from "../model/errors.ts";
import { writeFailure } from "../model/write-failure.ts";
import type { ArchiveEntry } from "../model/archive.ts";
import { type Dockerfile, FIRST_LINE } from "./plan/dockerfile.ts";

/** What a bake makes beside the Dockerfile. */
const FOLDERS = ["root", "directories", "links"];

/** Throws E_USAGE when the folder holds something that no bake made: it would become part of a build. */
export async function assertOwnFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const dockerfile = await readFile(join(folder, "Dockerfile"), "utf8").catch(() => "");
  if (names.length === 0 || dockerfile.startsWith(FIRST_LINE)) return;
  throw new PetrifyError("E_USAGE", `The folder '${folder}' is not empty, and no bake made what is in it.`, {
    hint: "Name a new folder with --out.",
  });
}

/** Writes a Dockerfile with its context, in place of what an earlier bake wrote. Throws E_IO, E_DISK_FULL. */
export async function writeContext(folder: string, { text, context }: Dockerfile): Promise<void> {
  for (const name of FOLDERS) await removeTree(join(folder, name));
  try {
    await writeFile(join(folder, "Dockerfile"), text);
    // Links last, so that nothing is ever written through one.
    for (const entry of context) if (entry.type !== "symlink") await write(folder, entry);
    for (const entry of context) if (entry.type === "symlink") await write(folder, entry);
  } catch (cause) {
    throw writeFailure(folder, cause);
  }
}

async function write(folder: string, entry: ArchiveEntry): Promise<void> {
  const path = join(folder, entry.path);
  if (entry.type === "symlink") return symlink(entry.target, path);
  if (entry.type === "directory") await mkdir(path);
  else await writeFile(path, entry.content, { flag: "wx" });
  // What the container wanted, whatever the umask here.
  return chmod(path, entry.mode);
}
