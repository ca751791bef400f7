import { isTrue } from "../../../export/compose-splice/existing-mounts.ts";
import { parseSize } from "../../../model/units.ts";
import type { Location } from "../../../model/finding.ts";
import type { Located } from "../../container.ts";
import {
  type Entry,
  type Mapping,
  type Place,
  type Tree,
  entryAt,
  entryOf,
  isUnknown,
  itemsOf,
  textOf,
} from "./tree.ts";

/** What the readers of single settings need. */
export interface Context {
  readonly settings: Mapping;
  readonly locate: (place: Place) => Location;
  readonly problem: (at: Place, message: string, hint?: string) => void;
  /** Maps at the top of the project. */
  readonly volumes: Mapping | undefined;
  readonly networks: Mapping | undefined;
}

/** A setting; that it cannot be known, because it holds a variable without a value; or that it was not set. */
export type Read<T> = Located<T> | "unknown" | undefined;

/** Text of the first of these keys that is set. */
export function readText(context: Context, ...paths: readonly (readonly string[])[]): Read<string> {
  return readScalar(context, paths, (text) => text);
}

export function readBoolean(context: Context, key: string): Read<boolean> {
  return readScalar(context, [[key]], (text, entry) => {
    if (isTrue(text)) return true;
    if (/^(?:false|n|no|off)$/i.test(text)) return false;
    context.problem(entry.at, `'${text}' is neither true nor false.`);
    return undefined;
  });
}

/** Bytes; none when it is 0 or below, which is no limit. */
export function readBytes(context: Context, ...paths: readonly (readonly string[])[]): Read<number> {
  return readScalar(context, paths, (text, entry) => {
    const bytes = /^-\d+$/.test(text) ? 0 : sizeOf(text);
    if (bytes === undefined) context.problem(entry.at, `'${text}' is not a size.`, "Write it like 64m, 1g or 4096.");
    return bytes || undefined;
  });
}

/** Any number, as it is written. */
export function readNumber(context: Context, ...paths: readonly (readonly string[])[]): Read<number> {
  return readScalar(context, paths, (text, entry) => {
    const number = Number(text);
    if (text.trim() !== "" && Number.isFinite(number)) return number;
    context.problem(entry.at, `'${text}' is not a number.`);
    return undefined;
  });
}

/** Items that are texts; those with a variable in them are left out, or stay as they are written. */
export function readList(context: Context, key: string, variables: "left out" | "kept"): Read<readonly string[]> {
  const entry = entryOf(context.settings, key);
  if (entry === undefined) return undefined;
  const items = itemsOf(entry.value).filter((item) => variables === "kept" || !isUnknown(item));
  return { value: items.flatMap((item) => textOf(item) ?? []), at: context.locate(entry.at) };
}

function readScalar<T>(
  { settings, locate }: Context,
  paths: readonly (readonly string[])[],
  make: (text: string, entry: Entry) => T | undefined,
): Read<T> {
  for (const path of paths) {
    const entry = entryAt(settings, ...path);
    const text = textOf(entry?.value);
    if (entry === undefined || text === undefined) continue;
    if (isUnknown(entry.value)) return "unknown";
    const value = make(text, entry);
    if (value !== undefined) return { value, at: locate(entry.at) };
  }
  return undefined;
}

/** Bytes of a size; undefined for what is none. */
export function sizeOf(text: string): number | undefined {
  try {
    return parseSize(text);
  } catch {
    return undefined;
  }
}

export function isTrueTree(tree: Tree | undefined): boolean {
  return tree?.kind === "scalar" && isTrue(tree.value);
}
