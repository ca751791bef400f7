import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFailure } from "../model/write-failure.ts";

const NEW_FILE_MODE = 0o644;

/**
 * Writes a file so that a reader sees the old one or the whole new one, also after a crash. A symlink stays one: what it leads to
 * is replaced. Owner and mode of the old file stay. Throws E_IO, E_DISK_FULL; then nothing half-written is left.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const target = await realpath(path).catch(() => path);
  // In a folder that others can write to, a name they can guess is a symlink they can plant.
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await writeDurably(temporary, content, await stat(target).catch(() => undefined));
    await rename(temporary, target);
    await syncDirectory(dirname(target));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(path, cause);
  }
}

interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function writeDurably(path: string, content: string | Uint8Array, old: Ownership | undefined): Promise<void> {
  const file = await open(path, "wx", old === undefined ? NEW_FILE_MODE : old.mode & 0o777);
  try {
    if (old !== undefined) await keepOwnership(file, old);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Another's file that may be written may not be given away by those who are not root: then it becomes one's own, no wider. */
async function keepOwnership(file: FileHandle, { mode, uid, gid }: Ownership): Promise<void> {
  await file.chown(uid, gid).catch(() => undefined);
  await file.chmod(mode & 0o777);
}

/** A rename is safe against a power cut only when the directory is written too; some file systems cannot do that. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync().catch(() => undefined);
  } finally {
    await directory.close();
  }
}
