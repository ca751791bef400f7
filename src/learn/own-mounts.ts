import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { chmod, mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { BindMount, Engine, EngineInfo, VolumeMount } from "../engine/engine.ts";
import { PetrifyError } from "../model/errors.ts";
import { formatApproximateSize } from "../model/units.ts";
import type { Workload, WorkloadMount } from "../model/workload.ts";
import { removeTree } from "./remove-tree.ts";
import type { Session } from "./session.ts";

const run = promisify(execFile);

/** A copy above this would make the experiment slow and fill the disk; the workload then starts with an empty directory. */
const COPY_LIMIT_BYTES = 2 ** 30;

export interface OwnMounts {
  readonly binds: readonly BindMount[];
  readonly volumes: readonly VolumeMount[];
  readonly tmpfs: Readonly<Record<string, string>>;
  /** Sentences on what differs from the user's run. */
  readonly notes: readonly string[];
  dispose(): Promise<void>;
}

/** What is asked of a session. */
type Owner = Pick<Session, "id" | "defer" | "createVolume" | "failIfEnding"> & {
  readonly engine: Pick<Engine, "hasVolume" | "removeVolume"> & { readonly info: Pick<EngineInfo, "local"> };
};

/**
 * The user's mounts as an experiment may use them: what is read-only as it is, writable binds as a copy, writable volumes empty.
 * The copies lie in a temporary folder named after the session, by which `doctor --clean` knows whether they are still in use.
 * Two databases on one directory destroy each other, so nothing of the user's is ever mounted writable.
 * Throws E_IO, E_DISK_FULL, E_NOT_LOCAL for a writable bind of an engine on another machine, and E_INTERRUPTED once the session ends.
 */
export async function ownMounts(workload: Workload, session: Owner): Promise<OwnMounts> {
  session.failIfEnding();
  const folder = mkdtempSync(join(tmpdir(), `petrify-${session.id}-`));
  const ending = new AbortController();
  const made: string[] = [];
  const preparing = prepare(workload, { folder, session, made, notes: [], ending: ending.signal });
  const dispose = async (): Promise<void> => {
    // What still copies into the folder would keep it from being removed.
    ending.abort();
    await preparing.catch(() => {});
    await removeTree(folder);
    // One that is in use still goes with the session.
    for (const name of made) await session.engine.removeVolume(name).catch(() => {});
  };
  session.defer(dispose);
  try {
    return { ...(await preparing), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Preparation {
  readonly folder: string;
  readonly session: Owner;
  /** Volumes made for this experiment. */
  readonly made: string[];
  readonly notes: string[];
  readonly ending: AbortSignal;
}

async function prepare(workload: Workload, preparation: Preparation): Promise<Omit<OwnMounts, "dispose">> {
  const { folder, notes } = preparation;
  const binds: BindMount[] = [];
  const volumes: VolumeMount[] = [];
  const tmpfs: Record<string, string> = {};
  for (const mount of workload.mounts) {
    if (mount.type === "tmpfs") tmpfs[mount.target] = mount.options ?? "";
    else if (mount.type === "volume") volumes.push(await ownVolume(mount, preparation));
    else if (mount.source !== undefined) {
      if (!mount.readOnly && !preparation.session.engine.info.local) throw farAway(mount.source);
      const keep = mount.readOnly || (await isSpecial(mount.source));
      const source = keep ? mount.source : await copyOf(mount.source, join(folder, String(binds.length)), preparation);
      const options = mount.options === undefined ? {} : { options: mount.options };
      binds.push({ source, target: mount.target, readOnly: mount.readOnly, ...options });
    }
  }
  return { binds, volumes, tmpfs, notes };
}

function farAway(source: string): PetrifyError {
  return new PetrifyError("E_NOT_LOCAL", `${source} is on the engine's machine, where no copy of it can be made.`, {
    hint: "Bind it read-only (:ro), or use a volume; nothing of yours is ever mounted writable in an experiment.",
  });
}

/** Nobody can write to a read-only volume: it is the user's own, if it exists. A new one has a name, for engines refuse an anonymous one. */
async function ownVolume(
  { source, target, readOnly }: WorkloadMount,
  { session, made }: Preparation,
): Promise<VolumeMount> {
  if (!readOnly) return { target, readOnly };
  if (source !== undefined && (await session.engine.hasVolume(source)))
    return { name: source, target, readOnly, noCopy: true };
  const name = `petrify-${session.id}-${randomUUID()}`;
  made.push(name);
  await session.createVolume(name);
  return { name, target, readOnly };
}

/** Sockets and devices have no content to copy. */
async function isSpecial(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function copyOf(given: string, folder: string, { notes, ending }: Preparation): Promise<string> {
  await mkdir(folder, { mode: 0o755 });
  // `cp -a` copies a symlink as one, and the container would then write to what it leads to.
  const source = await realpath(given).catch(() => given);
  const found = await stat(source).catch((cause: unknown) => {
    throw new PetrifyError("E_IO", `The bind source ${given} cannot be read.`, {
      hint: "Create it, or correct the path after -v.",
      cause,
    });
  });
  const copy = join(folder, basename(source) || "root");
  const sizeBytes = found.isFile() ? found.size : await treeSize(source, ending);
  if (sizeBytes > COPY_LIMIT_BYTES) {
    const kind = found.isFile() ? "file" : "directory";
    notes.push(
      `${source} (${formatApproximateSize(sizeBytes)}) is too large to copy: the workload got an empty ${kind} instead`,
    );
    await (found.isFile() ? writeFile(copy, "") : mkdir(copy));
    await chmod(copy, found.mode & 0o7777);
    return copy;
  }
  try {
    await run("cp", ["-a", "--reflink=auto", "--", source, copy], { signal: ending });
  } catch (cause) {
    const full = cause instanceof Error && cause.message.includes("No space left on device");
    throw new PetrifyError(full ? "E_DISK_FULL" : "E_IO", `The bind source ${source} cannot be copied.`, {
      hint: full
        ? "Free some space in the temporary folder (TMPDIR)."
        : "Make it readable for the user who runs Petrify.",
      cause,
    });
  }
  return copy;
}

async function treeSize(path: string, signal: AbortSignal): Promise<number> {
  const { stdout } = await run("du", ["-sB1", "--", path], { signal }).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? "",
  }));
  return Number.parseInt(stdout, 10) || 0;
}
