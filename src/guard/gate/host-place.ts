import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { HostPlace } from "./lookups.ts";

/**
 * Where a path of this host leads now, links followed; what does not exist yet lies where its nearest parent leads. Undefined when
 * that cannot be told: too many links, or no right to look.
 */
export async function hostPlace(path: string): Promise<HostPlace | undefined> {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      const found = await realpath(at);
      const deviceRule = missing.length === 0 ? ruleOf(await stat(found)) : undefined;
      return { path: join(found, ...missing), ...(deviceRule !== undefined && { deviceRule }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || at === dirname(at)) return undefined;
      missing.unshift(basename(at));
    }
  }
}

/** As the kernel packs a device's number (include/linux/kdev_t.h, new_encode_dev). */
function ruleOf(found: Stats): string | undefined {
  const type = found.isBlockDevice() ? "b" : found.isCharacterDevice() ? "c" : undefined;
  if (type === undefined) return undefined;
  const major = (found.rdev >> 8) & 0xfff;
  const minor = (found.rdev & 0xff) | ((found.rdev >> 12) & 0xfff00);
  return `${type} ${major}:${minor} rwm`;
}
