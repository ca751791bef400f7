import type { Operation } from "../model/event.ts";
import type { RefusedEntry } from "../model/strategy.ts";

/**
 * Whether `entry` refuses `operation` at `path`. A `*` stands for any text within one name. An entry for `mkdir` also covers
 * everything below its path, because the directory never comes to be.
 */
export function denies(entry: Pick<RefusedEntry, "path" | "operations">, operation: Operation, path: string): boolean {
  const pattern = entry.path.split("/");
  const names = path.split("/");
  const coversBelow = entry.operations.includes("mkdir");
  if (names.length < pattern.length || (names.length > pattern.length && !coversBelow)) return false;
  if (!pattern.every((part, index) => matchesName(part, names[index] ?? ""))) return false;
  return names.length > pattern.length || entry.operations.includes(operation);
}

/** Takes the leftmost fit of each piece: no backtracking, whatever names a container makes up. */
function matchesName(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let end = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, end);
    if (found === -1) return false;
    end = found + piece.length;
  }
  return name.length - last.length >= end && name.endsWith(last);
}
