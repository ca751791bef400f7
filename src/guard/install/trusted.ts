import { lstatSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The first part of a path below `root` that somebody else than root (and who runs this) can change, and so what the path leads to;
 * undefined when there is none. Throws what looking at it throws.
 */
export function changeableByOthers(path: string, root: string): string | undefined {
  const real = root === "/" ? realpathSync(path) : path;
  const parts = [real];
  while (parts[0] !== "/") parts.unshift(dirname(parts[0] ?? "/"));
  const owners = new Set([0, process.geteuid?.() ?? 0]);
  return parts.slice(root === "/" ? 0 : 1).find((part) => {
    const { uid, mode } = lstatSync(join(root, part));
    return !owners.has(uid) || (mode & 0o022) !== 0;
  });
}
