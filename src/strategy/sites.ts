import type { Ground } from "./ground.ts";
import { anchorOf, shippedDirectory } from "./ground.ts";
import type { Keep, Need, Refusal } from "./needs.ts";
import { ancestors, childOf, compareText, isWithin, parentOf } from "./paths.ts";
import { classify, EPHEMERAL_BASES, isMeantToBeLost, isPassing } from "./rules/classes.ts";
import { holdsCode, holdsCodeBelow } from "./rules/code.ts";
import { forbiddenReason } from "./rules/forbidden.ts";
import { archiveBehind } from "./unpacked.ts";

/** A directory that gets a mount, and the needs for which it does. */
export interface Site {
  readonly path: string;
  readonly needs: readonly Need[];
  /** Why the mount must start with what the image has there, though nothing in it must persist. */
  readonly seedBecause?: string;
  /** Only there because the mount around it would hide a directory of the image. */
  readonly restores?: string;
}
export type Sites = ReadonlyMap<string, Site>;

const KEEPS: readonly Keep[] = ["readBack", "queued", "denied", "assumed", "alike"];

/** What the mount on a site must do: start empty and forget, start with the image's content and forget, or keep, for this reason. */
export type Purpose = "tmpfs" | "seeded" | Keep;

export function purposeOf(ground: Ground, site: Site): Purpose {
  const reasons = new Set(site.needs.map(({ keep }) => keep));
  const strongest = KEEPS.find((keep) => reasons.has(keep));
  if (strongest !== undefined) return strongest;
  // Code that the image left in /tmp or a log directory is rubbish of its making, and no reason to keep the directory.
  const holdsProgram = holdsCode(ground.tree, site.path) && !isMeantToBeLost(site.path);
  return site.seedBecause !== undefined || holdsProgram ? "seeded" : "tmpfs";
}

/** Finds for each need the narrowest directory that can be mounted for it; needs for which there is none come back refused. */
export function chooseSites(ground: Ground, needs: readonly Need[]): { sites: Sites; refusals: readonly Refusal[] } {
  const exact = new Set(
    needs
      .map(({ directory }) => directory)
      .filter((d) => shippedDirectory(ground.tree, d) !== undefined && mayMount(d)),
  );
  const kept = new Set(
    needs
      .filter((need) => need.keep !== undefined)
      .map(({ directory }) => topmostMade(anchorOf(ground.tree, directory), directory)),
  );
  const placed = needs.map((need) => ({ need, path: siteFor(ground, need.directory, exact, kept) }));
  const byPath = Map.groupBy(placed, ({ path }) => path);
  const sites = [...byPath].flatMap(([path, found]) =>
    path === undefined ? [] : [{ path, needs: found.map(({ need }) => need) }],
  );
  const refusals = (byPath.get(undefined) ?? []).map(({ need }) => refuse(ground, need));
  return { sites: siteMap(sites), refusals };
}

export function siteMap(sites: Iterable<Site>): Sites {
  return new Map([...sites].toSorted((a, b) => compareText(a.path, b.path)).map((site) => [site.path, site]));
}

function mayMount(directory: string): boolean {
  return forbiddenReason(directory) === undefined;
}

/**
 * A directory of the image is mounted itself. For one that the application makes there is a choice: the image's directory above it,
 * or the topmost one that it makes (engines create missing mount points even under a read-only root).
 */
function siteFor(
  ground: Ground,
  directory: string,
  exact: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): string | undefined {
  const anchor = anchorOf(ground.tree, directory);
  if (anchor === directory) return mayMount(anchor) ? anchor : undefined;
  if (exact.has(anchor) || (mayMount(anchor) && isRoomy(ground, anchor))) return anchor;
  // A server that finds the directory takes the archive for unpacked, and an empty mount for all that was in it.
  if (mayMount(anchor) && archiveBehind(ground.tree, directory) !== undefined) return anchor;
  const top = topmostMade(anchor, directory);
  // A new volume on a path that the image lacks is root's; one on the image's directory has the owner who could make this one.
  // Not beside code: a volume would keep the old program when the image is renewed.
  const wouldBeRoots =
    kept.has(top) && isMadeByOthers(ground, top) && mayMount(anchor) && !holdsCodeBelow(ground.tree, anchor);
  if (mayMount(top) && isStable(ground, top) && !wouldBeRoots) return top;
  return mayMount(anchor) ? anchor : undefined;
}

function isMadeByOthers(ground: Ground, directory: string): boolean {
  const made = ground.recordAt.get(directory);
  return made !== undefined && made.done.includes("mkdir") && !made.uids.includes(0);
}

/** Whether a mount on the directory hides nothing: it is meant for such files, or empty. */
function isRoomy(ground: Ground, directory: string): boolean {
  return EPHEMERAL_BASES.has(directory) || ground.tree.children(directory).length === 0;
}

function topmostMade(anchor: string, directory: string): string {
  const [name = ""] = directory.slice(anchor === "/" ? 1 : anchor.length + 1).split("/");
  return childOf(anchor, name);
}

/** A mount point has one name for good: it can neither vary, nor be removed, nor be renamed. */
function isStable(ground: Ground, path: string): boolean {
  const record = ground.recordAt.get(path);
  return !path.includes("*") && !ground.renamed.has(path) && record?.done.includes("rmdir") !== true;
}

function refuse(ground: Ground, need: Need): Refusal {
  const { record } = need;
  const anchor = anchorOf(ground.tree, need.directory);
  const shut = [anchor, ...ancestors(anchor)].find((directory) => forbiddenReason(directory) !== undefined) ?? "/";
  const shutBecause = `${shut} is never writable, because ${forbiddenReason(shut)}`;
  const harmless = harmlessness(ground, need);
  if (harmless !== undefined)
    return {
      kind: "deny",
      record,
      path: record.path,
      reason: `${shutBecause}; ${harmless}, and nothing lasting is lost`,
    };
  const lost = record.readBack ? ", and it is read back after a restart" : "";
  const reason = `${shutBecause}${lost}; it belongs into the image, or a setting moves it`;
  return { kind: "image", record, path: record.path, reason };
}

/** Why nothing is lost without it; undefined when it lasts, becomes what lasts, or is needed while its process is there. */
function harmlessness({ tree }: Ground, { record, keep }: Need): string | undefined {
  const { path, type, survived, renewed, movesTo } = record;
  if (keep !== undefined) return undefined;
  const ephemeral = classify(type === "dir" ? path : parentOf(path));
  const noun = ephemeral?.class.noun;
  if (noun !== undefined) return `${noun.startsWith("a ") ? "it is" : "these are"} ${noun}`;
  // What the image ships is there again in each new container, and would be changed again.
  if (tree.entry(path) !== undefined) return undefined;
  const isWaitedFor = type !== "dir" && isPassing(path, type);
  return survived || renewed || movesTo.length > 0 || isWaitedFor ? undefined : "it comes and goes";
}

export function sitesBelow(sites: Sites, directory: string): readonly Site[] {
  return [...sites.values()].filter((site) => site.path !== directory && isWithin(site.path, directory));
}
