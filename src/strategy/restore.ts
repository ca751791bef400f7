import { basename } from "node:path/posix";
import type { Ground } from "./ground.ts";
import { hiddenBy } from "./hidden.ts";
import { MOUNTS_TO_RESTORE } from "./rules/limits.ts";
import { purposeOf, type Site, siteMap, type Sites } from "./sites.ts";

/**
 * Gives back what a tmpfs would hide: directories as mounts of their own inside it, and where that is not enough the tmpfs
 * becomes a volume that starts with the image's content.
 */
export function restoreHidden(ground: Ground, sites: Sites, given: ReadonlySet<string>): Sites {
  const result = new Map(sites);
  const mounted = new Set([...sites.keys(), ...given]);
  const queue = [...sites.values()];
  for (let site = queue.shift(); site !== undefined; site = queue.shift()) {
    if (purposeOf(ground, site) !== "tmpfs") continue;
    const { files, directories } = hiddenBy(ground, site.path, mounted);
    const [file] = files;
    if (file !== undefined || directories.length > MOUNTS_TO_RESTORE) {
      const what = file === undefined ? "the directories" : basename(file);
      result.set(site.path, { ...site, seedBecause: `a tmpfs would hide ${what} of the image` });
      continue;
    }
    for (const { path, content } of directories) {
      const restored: Site = {
        path,
        needs: [],
        restores: site.path,
        ...(content ? { seedBecause: "it holds files of the image" } : {}),
      };
      result.set(path, restored);
      mounted.add(path);
      queue.push(restored);
    }
  }
  return siteMap(result.values());
}
