import { type Ground, shippedDirectory } from "./ground.ts";
import { changesOf } from "./needs.ts";
import { childOf, isBelow, isWithin } from "./paths.ts";
import { isHarmlessToHide } from "./rules/hidden.ts";

/** What an empty mount on a directory takes away from an application that may need it. */
export interface Hidden {
  /** Files and symlinks straight in the directory. */
  readonly files: readonly string[];
  /** Directories at any depth; `content` when they hold files that matter. */
  readonly directories: readonly { readonly path: string; readonly content: boolean }[];
}

/** What an empty mount on `directory` hides, when there are mounts of their own on `mounted`. */
export function hiddenBy(ground: Ground, directory: string, mounted: ReadonlySet<string>): Hidden {
  const files: string[] = [];
  const directories: { path: string; content: boolean }[] = [];
  const visit = (parent: string): void => {
    for (const name of ground.tree.children(parent)) {
      const path = childOf(parent, name);
      if (mounted.has(path)) continue;
      if (shippedDirectory(ground.tree, path) === undefined) {
        if (parent === directory && isMissed(ground, path)) files.push(path);
      } else if (isHarmlessToHide(path) && !isUsed(ground, path)) continue;
      else if (holdsMissed(ground, path, mounted)) directories.push({ path, content: true });
      else {
        const found = directories.length;
        if (isAsEnginesMake(ground, path)) visit(path);
        if (directories.length === found && !isMadeByEngine(ground, path, mounted))
          directories.push({ path, content: false });
      }
    }
  };
  visit(directory);
  return { files, directories };
}

/** Whether a file of the image is missed: one that the application changes in place, or leaves alone and may read. */
function isMissed(ground: Ground, path: string): boolean {
  const record = ground.recordAt.get(path);
  if (ground.replaced.has(path)) return false;
  const entry = ground.tree.entry(path);
  const isEmpty = entry?.type === "file" && entry.sizeBytes === 0;
  const isWorthless = isEmpty || isHarmlessToHide(path);
  if (record === undefined || changesOf(record).length === 0) return !isWorthless;
  if (record.createsItself || record.done.includes("unlink")) return false;
  // Log rotation moves away even an empty file; what is moved as a backup has content.
  return !(isWorthless && record.done.includes("rename"));
}

function holdsMissed(ground: Ground, directory: string, mounted: ReadonlySet<string>): boolean {
  return ground.tree.children(directory).some((name) => {
    const path = childOf(directory, name);
    if (mounted.has(path)) return false;
    return shippedDirectory(ground.tree, path) === undefined
      ? isMissed(ground, path)
      : holdsMissed(ground, path, mounted);
  });
}

function isUsed(ground: Ground, directory: string): boolean {
  return ground.records.some((record) => isWithin(record.path, directory));
}

/** The engine makes it, as the parent of another mount point. */
function isMadeByEngine(ground: Ground, directory: string, mounted: ReadonlySet<string>): boolean {
  return isAsEnginesMake(ground, directory) && [...mounted].some((path) => isBelow(path, directory));
}

/** Whether it has in the image the owner and mode that engines give to parents of mount points. */
function isAsEnginesMake({ tree }: Ground, directory: string): boolean {
  const entry = tree.entry(directory);
  return entry !== undefined && entry.uid === 0 && entry.gid === 0 && entry.mode === 0o755;
}
