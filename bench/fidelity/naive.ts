import { dirname } from "node:path/posix";
import type { Operation } from "../../src/model/event.ts";
import type { FileTree } from "../../src/model/image.ts";
import type { PathRecord } from "../../src/model/profile.ts";
import { isWithin } from "../../src/strategy/paths.ts";

const LOOKING: ReadonlySet<Operation> = new Set(["access", "read", "exec", "mapexec"]);
/** Writable on every container. */
const NEVER = ["/dev", "/proc", "/sys"];

/**
 * The directories of the image in which a run wrote, made, changed or removed anything, sorted: where somebody puts a tmpfs who
 * knows what was written, and no more. Declared VOLUMEs are writable already, and the root cannot be a tmpfs.
 */
export function writtenDirectories(
  records: readonly PathRecord[],
  tree: FileTree,
  volumes: readonly string[],
): readonly string[] {
  const found = new Set<string>();
  for (const { path, type, done, created } of records) {
    if (done.every((operation) => LOOKING.has(operation))) continue;
    let directory = type === "dir" && !created ? path : dirname(path);
    while (directory !== "/" && tree.entry(directory)?.type !== "dir") directory = dirname(directory);
    if (directory !== "/" && ![...NEVER, ...volumes].some((place) => isWithin(directory, place))) found.add(directory);
  }
  return [...found].toSorted();
}
