import type { YamlSource } from "../../../export/splice/source.ts";
import type { Locator } from "../../locator.ts";
import type { Anchors } from "./anchors.ts";
import type { Variables } from "./interpolate.ts";

/** A Compose file, ready to be read. */
export interface ComposeFile {
  readonly name: string;
  readonly source: YamlSource;
  readonly variables: Variables;
  readonly locate: Locator;
  readonly anchors: Anchors;
  readonly root: Mapping;
}

/** A span of a file. */
export interface Place {
  readonly file: ComposeFile;
  readonly start: number;
  readonly end?: number;
}

/**
 * What files say, with the place of everything: it stays known when files are merged. Aliases and merge keys are resolved,
 * and variables replaced. A map is only looked into when it is asked: nothing is too deep, and no cycle of aliases matters.
 */
export type Tree = Scalar | List | Mapping;

interface Whole {
  readonly at: Place;
  /** `!reset` takes away what another file says, `!override` replaces it (compose-spec 13-merge). */
  readonly tag?: "!reset" | "!override";
}
export interface Scalar extends Whole {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** False: it holds a variable that has no value here, and still stands in it as `${NAME}`. */
  readonly known: boolean;
  /** False: the value of a variable is in it. */
  readonly own: boolean;
}
export interface List extends Whole {
  readonly kind: "list";
  readonly items: readonly Tree[];
}
export interface Mapping extends Whole {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface Entry {
  /** Of the key. */
  readonly at: Place;
  readonly value: Tree;
}

/** The value of a key; undefined also when it was reset. */
export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  const entry = tree?.kind === "map" ? tree.entries.get(key) : undefined;
  return entry?.value.tag === "!reset" ? undefined : entry;
}

/** The entry at a path of keys. */
export function entryAt(tree: Tree | undefined, ...path: readonly string[]): Entry | undefined {
  return path.reduce<Entry | undefined>(
    (entry, key, index) => entryOf(index === 0 ? tree : entry?.value, key),
    undefined,
  );
}

/** A list, one value, or nothing, as a list. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  if (tree === undefined || isNothing(tree)) return [];
  return tree.kind === "list" ? tree.items : [tree];
}

export function isNothing(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value === null;
}

/** Text of a scalar; undefined for null, lists and maps. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "scalar" && tree.value !== null ? String(tree.value) : undefined;
}

/** Whether a variable without a value stands in it; not asked of what lies deeper. */
export function isUnknown(tree: Tree | undefined): boolean {
  return tree?.kind === "scalar" && !tree.known;
}
