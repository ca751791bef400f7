import { dirname } from "node:path/posix";

/** Whether `path` is `directory` or lies below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || isBelow(path, directory);
}

/** Whether `path` lies below `directory`, at any depth. */
export function isBelow(path: string, directory: string): boolean {
  return path.length > directory.length && path.startsWith(directory === "/" ? "/" : directory + "/");
}

export function parentOf(path: string): string {
  return dirname(path);
}

export function childOf(directory: string, name: string): string {
  return directory === "/" ? "/" + name : `${directory}/${name}`;
}

/** Every directory above `path`, nearest first, `/` last. */
export function ancestors(path: string): readonly string[] {
  const found: string[] = [];
  for (let directory = path; directory !== "/";) found.push((directory = parentOf(directory)));
  return found;
}

/** The longest directory that holds both, possibly one of them. */
export function commonDirectory(a: string, b: string): string {
  let directory = a;
  while (!isWithin(b, directory)) directory = parentOf(directory);
  return directory;
}

/** Of `directories` the nearest one that holds `path` below itself, or is `path`. */
export function nearest<T>(path: string, directories: ReadonlyMap<string, T>): T | undefined {
  for (let directory = path; ; directory = parentOf(directory)) {
    const found = directories.get(directory);
    if (found !== undefined || directory === "/") return found;
  }
}

/** By code unit: the same order on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
