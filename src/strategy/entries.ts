import { basename } from "node:path/posix";
import type { PathRecord } from "../model/profile.ts";
import type { SeededEntry, StrategyEntry, TmpfsEntry, VolumeEntry } from "../model/strategy.ts";
import type { Ground } from "./ground.ts";
import { mountable, shippedBytes, shippedDirectory } from "./ground.ts";
import { isUnpackedAgain, type Keep, type Need } from "./needs.ts";
import { compareText, isBelow, isWithin } from "./paths.ts";
import { classify, type EphemeralClass, PASSING, RENEWED } from "./rules/classes.ts";
import { holdsCode, holdsCodeBelow } from "./rules/code.ts";
import { PAGE_BYTES, SIZE_HEADROOM } from "./rules/limits.ts";
import { purposeOf, type Site, type Sites } from "./sites.ts";
import { crossings } from "./unite.ts";
import { archiveBehind } from "./unpacked.ts";
import { listed, what, whoWrites } from "./why.ts";

/** The entries for all sites. */
export function siteEntries(ground: Ground, sites: Sites): readonly StrategyEntry[] {
  const notes = crossingNotes(sites);
  return [...sites.values()].map((site) => {
    const purpose = purposeOf(ground, site);
    const entry =
      purpose === "tmpfs" || purpose === "seeded"
        ? forgottenEntry(ground, sites, site, purpose)
        : volumeEntry(ground, site, purpose);
    const note = notes.get(site.path);
    return note === undefined ? entry : { ...entry, why: `${entry.why.slice(0, -1)}; ${note}.` };
  });
}

function forgottenEntry(ground: Ground, sites: Sites, site: Site, kind: "tmpfs" | "seeded"): TmpfsEntry | SeededEntry {
  const { floorBytes } = classOf(site);
  const mounts = [...sites.keys()];
  const shipped = kind === "seeded" ? shippedBytes(ground.tree, site.path, new Set(mounts)) : 0;
  const isRunHere = runsCode(ground, site.path);
  const why = kind === "tmpfs" ? tmpfsWhy(site) : seededWhy(ground, site);
  return {
    kind,
    path: site.path,
    sizeBytes: tmpfsSize(ground, site.path, mounts, floorBytes, shipped),
    ...ownerOf(ground, site.path),
    // As for a volume, below.
    exec: isRunHere || (kind === "seeded" && holdsCodeBelow(ground.tree, site.path)),
    why: `${why}${isRunHere ? "; code in it is run" : ""}.`,
  };
}

function tmpfsWhy(site: Site): string {
  const { path, needs, restores } = site;
  if (restores !== undefined) return `The image has this directory, and the mount on ${restores} would hide it`;
  const { noun } = classOf(site);
  if (needs.every(({ isGuessed }) => isGuessed)) return `Its start was not observed, and ${noun} leave no trace`;
  return `${sentence(needs, path)}: ${noun}`;
}

function seededWhy(ground: Ground, site: Site): string {
  const hidden =
    site.restores === undefined
      ? sentence(site.needs, site.path)
      : `The mount on ${site.restores} would hide this directory`;
  const code = holdsCode(ground.tree, site.path) ? "; the program files beside it become writable" : "";
  const archives = [...new Set(site.needs.flatMap(({ record }) => unpackedFrom(ground, record)))].toSorted(compareText);
  const again =
    archives.length === 0
      ? ""
      : `: a fresh start unpacks this from ${listed(archives, "an archive")} again, alike, and neither test nor restart changed it`;
  return `${hidden}${again}${again === "" ? ", and" : ";"} ${site.seedBecause ?? "the image has files beside it"}${code}`;
}

function unpackedFrom(ground: Ground, record: PathRecord): readonly string[] {
  const archive = isUnpackedAgain(ground, record) ? archiveBehind(ground.tree, record.path) : undefined;
  return archive === undefined ? [] : [basename(archive)];
}

function volumeEntry(ground: Ground, site: Site, reason: Keep): VolumeEntry {
  return {
    kind: "volume",
    path: site.path,
    reason: reason === "readBack" ? reason : "assumed",
    seeded: isSeeded(ground, site.path),
    ...ownerOf(ground, site.path),
    exec: volumeExec(ground, site.path),
    why: volumeWhy(ground, site, reason),
  };
}

function volumeWhy(ground: Ground, site: Site, reason: Keep): string {
  const telling = site.needs.filter(({ keep }) => keep === reason);
  const written = sentence(telling, site.path);
  const because = {
    readBack: `${written}, read again after a restart: data that must persist`,
    queued: `${written}: what waits there to be fetched or processed must not be lost with the container`,
    denied: `${written}, and its read-only root refuses it: assumed to be data, because losing some is worse than a volume too many`,
    assumed: `${written}, still there at the end: assumed to be data, because losing some is worse than a volume too many`,
    alike: `${written}, and a fresh start makes it again, alike: neither test nor restart changed it, but assumed to be data, because something that was not tested may`,
  }[reason];
  const code = holdsCode(ground.tree, site.path)
    ? "; the program files beside it become writable, and a new image does not renew them"
    : "";
  const run = runsCode(ground, site.path) ? "; code in it is run" : "";
  return `${because}${code}${run}${rootOwned(ground, site.path)}.`;
}

/** Engines give a new volume the owner of the image's directory, and to root what the image does not have (moby volume copy-up). */
function rootOwned(ground: Ground, path: string): string {
  const { uid, gid } = ownerOf(ground, path);
  if (shippedDirectory(ground.tree, path) !== undefined || uid === 0) return "";
  return `; the image does not have the directory, and a new volume is root's: make it in the image, owned by ${uid}:${gid}`;
}

function sentence(needs: readonly Need[], directory: string): string {
  return `${whoWrites(needs.map(({ record }) => record))} ${what(needs, directory)}`;
}

function classOf(site: Site): EphemeralClass {
  return classify(site.path)?.class ?? (site.needs.some(({ record }) => record.renewed) ? RENEWED : PASSING);
}

/**
 * Whether code in a volume may be run: it was seen to be, nobody could have seen it, or the volume starts with code of the image.
 * A test runs few of the programs that an image ships, and only some targets can forbid to run them: it would not fail here.
 */
export function volumeExec(ground: Ground, path: string): boolean {
  const directory = mountable(ground.tree, path);
  return !ground.seesRuns || runsCode(ground, directory) || holdsCodeBelow(ground.tree, directory);
}

function runsCode(ground: Ground, directory: string): boolean {
  return ground.records.some((record) => isBelow(record.path, directory) && isRun(record));
}

function isRun(record: PathRecord): boolean {
  return record.executed || record.done.includes("exec") || record.done.includes("mapexec");
}

export function isSeeded(ground: Ground, path: string): boolean {
  return ground.tree.children(path).length > 0;
}

/** Owner and mode of the image's directory, else of the one that the application made, else of the usual one. */
export function ownerOf(ground: Ground, path: string): { uid: number; gid: number; mode: number } {
  const made = ground.recordAt.get(path);
  const owner = shippedDirectory(ground.tree, path) ?? (made?.type === "dir" ? made.owner : undefined);
  const mode = path === "/tmp" || path === "/var/tmp" ? 0o1777 : 0o755;
  return { uid: owner?.uid ?? 0, gid: owner?.gid ?? 0, mode: owner?.mode ?? mode };
}

/** Room on a mount: twice the largest use seen beside what it starts with, not less than the floor, a power of two. */
export function tmpfsSize(
  ground: Ground,
  path: string,
  mounts: readonly string[],
  floorBytes: number,
  startsWithBytes = 0,
): number {
  const inner = mounts.filter((mount) => isBelow(mount, path));
  let used = ground.recordAt.get(path)?.sizeClassBytes ?? 0;
  if (used === 0) {
    let counted = "";
    for (const record of ground.records) {
      if (!isBelow(record.path, path) || (counted !== "" && isBelow(record.path, counted))) continue;
      if (inner.some((mount) => isWithin(record.path, mount))) continue;
      // A directory's class is the peak of all that is below it, which is less than the sum of files that never were there together.
      if (record.type === "dir" && record.sizeClassBytes > 0) counted = record.path;
      used += record.type === "file" ? Math.max(record.sizeClassBytes, PAGE_BYTES) : record.sizeClassBytes;
    }
  }
  return powerOfTwo(Math.max(floorBytes, startsWithBytes + SIZE_HEADROOM * used));
}

function powerOfTwo(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes));
}

/** What to say of renames that stay across two mounts, by the mount they go to. */
function crossingNotes(sites: Sites): ReadonlyMap<string, string> {
  const byTarget = Map.groupBy(crossings(sites), ({ to }) => to.path);
  return new Map(
    [...byTarget].map(([path, found]) => {
      const sources = [...new Set(found.map(({ from }) => from.path))].join(", ");
      return [path, `what is moved here from ${sources} crosses mounts, which only works for programs that then copy`];
    }),
  );
}
