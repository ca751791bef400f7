import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/**
 * The folders in which what audited texts name may lie, links resolved: the current one, those of the operands, and the Git work
 * trees around them. What somebody else wrote into a repository decides about nothing outside of it.
 */
export function rootsOf(operands: readonly string[]): readonly string[] {
  const folders = [".", ...operands.filter((one) => one !== "-").flatMap(foldersOf)].flatMap((one) => real(one) ?? []);
  return [...new Set(folders.map((folder) => workTree(folder) ?? folder))];
}

/** Whether something is there that lies in one of the folders, whatever links lead to it. */
export function isInside(path: string, roots: readonly string[]): boolean {
  const whole = real(path);
  return whole !== undefined && isBelow(whole, roots);
}

/** Whether a path is one of `folders` or lies below one. */
export function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((one) => path === one || path.startsWith(one === sep ? sep : one + sep));
}

/** Links resolved; undefined when nothing is there. */
export function real(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Of a file that is a link, the folder of the link and that of the file. */
function foldersOf(operand: string): readonly string[] {
  const stat = statSync(operand, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return [operand];
  if (stat !== undefined) return [dirname(operand), dirname(real(operand) ?? operand)];
  const [fixed = ""] = operand.split(/[*?[{]/, 1);
  return [fixed.endsWith(sep) ? fixed : dirname(fixed)];
}

function workTree(folder: string): string | undefined {
  for (let one = folder; ; one = dirname(one)) {
    if (existsSync(join(one, ".git"))) return one;
    if (one === dirname(one)) return undefined;
  }
}
