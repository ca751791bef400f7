import { access, constants, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PetrifyError } from "../model/errors.ts";
import type { Profile } from "../model/profile.ts";
import type { Strategy } from "../model/strategy.ts";
import { formatStrategy, parseStrategy } from "../strategy/file.ts";
import { derivation } from "./derivation.ts";
import type { Learned } from "./learned.ts";
import { readProfile, writeProfile } from "./profile-file.ts";
import { writeWhole } from "./write-whole.ts";

export interface Written {
  readonly strategy: Strategy;
  readonly strategyFile: string;
  readonly profileFile: string;
  /** An earlier pair says the same and was kept, byte for byte. */
  readonly unchanged: boolean;
  /** Where the strategy lies that was there before and said something else; absent when there was none. */
  readonly keptAs?: string;
}

/**
 * Derives the strategy and writes `NAME.profile.ndjson.zst` and `NAME.strategy.yaml` into `folder`.
 * An intact earlier pair that says the same stays as it is. Throws E_IO, E_DISK_FULL; then no half-written file is left.
 */
export async function writeLearned(learned: Learned, folder: string): Promise<Written> {
  const { workload } = learned;
  const strategyFile = join(folder, `${workload.name}.strategy.yaml`);
  const file = profileName(workload.name);
  const profileFile = join(folder, file);
  const earlier = await earlierPair(strategyFile, folder);
  const { strategy: derived, asked } = derivation(learned, earlier?.strategy.profile);
  if (earlier !== undefined && saysTheSame(earlier, derived, learned.profile))
    return { strategy: earlier.strategy, strategyFile, profileFile, unchanged: true };
  const { image, test, settings, logs } = learned;
  const set = { ...(settings === undefined ? {} : { settings }), ...(logs === undefined ? {} : { logs }) };
  const subject = { workload: derived.workload, image, test, ...set, tree: asked };
  const { sha256 } = await writeProfile(profileFile, { ...learned.profile, subject });
  const strategy = { ...derived, profile: { file, sha256 } };
  const keptAs = await keepOld(strategyFile);
  await writeWhole(strategyFile, formatStrategy(strategy));
  return { strategy, strategyFile, profileFile, unchanged: false, ...(keptAs === undefined ? {} : { keptAs }) };
}

export function profileName(workload: string): string {
  return `${workload}.profile.ndjson.zst`;
}

/** A file that is to be replaced stays beside the new one: people edit strategies. Returns its new path. Throws E_IO, E_DISK_FULL. */
export async function keepOld(file: string): Promise<string | undefined> {
  const old = await readFile(file).catch(() => undefined);
  if (old === undefined) return undefined;
  const path = `${file}.old`;
  await writeWhole(path, old);
  return path;
}

interface Pair {
  readonly strategy: Strategy;
  readonly profile: Profile;
}

/** Unreadable or damaged files are no pair: they are written anew. */
async function earlierPair(strategyFile: string, folder: string): Promise<Pair | undefined> {
  try {
    const strategy = parseStrategy(await readFile(strategyFile, "utf8"), strategyFile);
    const { file, sha256 } = strategy.profile;
    return { strategy, profile: await readProfile(join(folder, file), sha256) };
  } catch {
    return undefined;
  }
}

/** The same strategy, learned on the same image, and no failure that the earlier baseline does not know. */
function saysTheSame(earlier: Pair, strategy: Strategy, profile: Profile): boolean {
  const known = new Set(failures(earlier.profile));
  return (
    earlier.profile.subject !== undefined &&
    earlier.profile.header.image.id === profile.header.image.id &&
    formatStrategy({ ...earlier.strategy, verifiedOn: [] }) === formatStrategy({ ...strategy, verifiedOn: [] }) &&
    failures(profile).every((failure) => known.has(failure))
  );
}

function failures(profile: Profile): readonly string[] {
  return profile.records.flatMap((record) =>
    record.failed.map(({ operation, errno }) => `${operation} ${errno} ${record.path}`),
  );
}

/** Throws E_IO when nothing can be written into `folder`: better before a long run than after it. */
export async function assertWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new PetrifyError("E_IO", `Nothing can be written into the folder '${folder}'.`, {
      hint: "Name a writable folder with --out.",
      cause,
    });
  }
}

/** Not mkdir's own recursion: below /proc, where nothing can be made, Node's never ends (nodejs/node src/node_file.cc, MKDirpAsync). */
async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await make();
  });
}
