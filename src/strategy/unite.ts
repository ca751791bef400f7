import { type Ground, shippedDirectory } from "./ground.ts";
import { hiddenBy } from "./hidden.ts";
import type { Need } from "./needs.ts";
import { commonDirectory, nearest, parentOf } from "./paths.ts";
import { holdsCodeBelow } from "./rules/code.ts";
import { forbiddenReason } from "./rules/forbidden.ts";
import { SIBLINGS_TO_MERGE } from "./rules/limits.ts";
import { purposeOf, type Site, siteMap, type Sites, sitesBelow } from "./sites.ts";

/** As few mounts as the needs allow: one inside a volume goes, both ends of a rename share one, many siblings become their parent. */
export function unite(ground: Ground, sites: Sites): Sites {
  const current = absorb(ground, sites);
  const next = joinedByMoves(ground, current) ?? mergedSiblings(ground, current);
  return next === undefined ? current : unite(ground, next);
}

/**
 * Drops each site inside a volume or a seeded mount, which does for both, and each inside a tmpfs that the application makes itself.
 * Data inside a seeded mount makes that a volume: half of a directory kept and half forgotten is neither (a database's).
 */
export function absorb(ground: Ground, sites: Sites): Sites {
  const kept = new Map<string, { readonly site: Site; readonly isKept: boolean; readonly needs: Need[] }>();
  for (const site of sites.values()) {
    const outer = nearest(parentOf(site.path), kept);
    const keeps = isKept(ground, site);
    const stays =
      outer === undefined || (!outer.isKept && (keeps || shippedDirectory(ground.tree, site.path) !== undefined));
    if (stays) kept.set(site.path, { site, isKept: keeps, needs: [...site.needs] });
    else for (const need of site.needs) outer.needs.push(need);
  }
  return siteMap([...kept.values()].map(({ site, needs }) => ({ ...site, needs })));
}

function isKept(ground: Ground, site: Site): boolean {
  return purposeOf(ground, site) !== "tmpfs";
}

/** A rename does not cross mounts (EXDEV), so both ends get the same one wherever a common directory may be mounted. */
function joinedByMoves(ground: Ground, sites: Sites): Sites | undefined {
  for (const { from, to } of crossings(sites)) {
    const path = commonDirectory(from.path, to.path);
    const outer = sites.get(path);
    const isShipped = [from, to].some((site) => shippedDirectory(ground.tree, site.path) !== undefined);
    const seed = isShipped ? { seedBecause: "files are renamed between its directories, which takes one mount" } : {};
    if (outer !== undefined) return joined(sites, [outer, ...sitesBelow(sites, path)], { ...outer, ...seed });
    if (forbiddenReason(path) === undefined && !holdsCodeBelow(ground.tree, path))
      return joined(sites, [from, to], { path, needs: [], ...seed });
  }
  return undefined;
}

/** Two sites between which something is renamed or linked. */
export interface Crossing {
  readonly from: Site;
  readonly to: Site;
}

/** Each pair once. */
export function crossings(sites: Sites): readonly Crossing[] {
  const found = new Map<string, Crossing>();
  for (const from of sites.values())
    for (const target of from.needs.flatMap((need) => need.record.movesTo)) {
      const to = nearest(parentOf(target), sites);
      if (to !== undefined && to !== from) found.set(`${from.path}\0${to.path}`, { from, to });
    }
  return [...found.values()];
}

/** Many siblings become one mount on their parent, when nothing else that the image ships there is hidden or becomes writable. */
function mergedSiblings(ground: Ground, sites: Sites): Sites | undefined {
  for (const [path, siblings] of Map.groupBy(sites.values(), (site) => parentOf(site.path))) {
    if (siblings.length < SIBLINGS_TO_MERGE || sites.has(path)) continue;
    if (forbiddenReason(path) !== undefined) continue;
    // What is forgotten stays apart from data: on a volume the image's content would not be renewed.
    const volumes = siblings.filter((site) => isKept(ground, site) && purposeOf(ground, site) !== "seeded");
    // A tmpfs on the parent would hide siblings of the image, and giving each back saves nothing.
    const made = siblings.filter((s) => !isKept(ground, s) && shippedDirectory(ground.tree, s.path) === undefined);
    for (const group of [volumes, made].filter(({ length }) => length >= SIBLINGS_TO_MERGE)) {
      const others = hiddenBy(ground, path, new Set(group.map((site) => site.path)));
      if (others.files.length + others.directories.length === 0) return joined(sites, group, { path, needs: [] });
    }
  }
  return undefined;
}

/** `sites` with `parts` replaced by `whole`, which gets the needs of all. */
function joined(sites: Sites, parts: readonly Site[], whole: Site): Sites {
  const rest = [...sites.values()].filter((site) => !parts.includes(site));
  return siteMap([...rest, { ...whole, needs: parts.flatMap((site) => site.needs) }]);
}
