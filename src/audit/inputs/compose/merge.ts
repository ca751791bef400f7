import { type Entry, type List, type Mapping, type Scalar, type Tree, entryOf, isNothing, textOf } from "./tree.ts";
import { deviceTarget, mountTarget } from "./short-syntax.ts";

/*
 * How Compose puts one service on another, for several files and for `extends` (compose-spec 13-merge; compose-go
 * override/merge.go and override/uncity.go): maps by key, lists one behind the other, anything else replaced.
 */

type Merge = (base: Tree, over: Tree) => Tree;

/** What is merged in another way, by path in a service. */
const SPECIAL: Readonly<Record<string, Merge>> = {
  command: replaced,
  entrypoint: replaced,
  "healthcheck.test": replaced,
  environment: appended,
  sysctls: appended,
  tmpfs: appended,
  env_file: appended,
  networks: (base, over) => mergedMaps(asMap(base), asMap(over), "networks"),
  logging: (base, over) => {
    const [one, other] = [base, over].map((tree) => textOf(entryOf(tree, "driver")?.value));
    const isOther = one !== undefined && other !== undefined && one !== other;
    return isOther || base.kind !== "map" || over.kind !== "map" ? over : mergedMaps(base, over, "logging");
  },
};

/** Lists in which a later item takes the place of an earlier one with the same key. */
const UNIQUE: Readonly<Record<string, (item: Tree) => string | undefined>> = {
  cap_add: textOf,
  cap_drop: textOf,
  security_opt: textOf,
  environment: nameOf,
  sysctls: nameOf,
  tmpfs: textOf,
  env_file: textOf,
  ports: textOf,
  volumes: mountTarget,
  devices: deviceTarget,
};

// Deeper than any setting; a map that contains itself by an alias ends here.
const DEEPEST = 40;

/** A service put on another one. */
export function mergedServices(base: Tree, over: Tree): Tree {
  return merged(base, over, "", 0);
}

/** A whole map put on another one, such as all volumes of a project. */
export function mergedMaps(base: Mapping, over: Mapping, path: string, depth = 0): Mapping {
  const entries = new Map(base.entries);
  for (const [key, { at, value }] of over.entries) {
    const before = entries.get(key);
    if (value.tag === "!reset") entries.delete(key);
    else if (before === undefined || before.value.tag === "!reset") entries.set(key, { at, value });
    else {
      const result = merged(before.value, value, path === "" ? key : `${path}.${key}`, depth + 1);
      // What the other file leaves empty stays what it was, and where.
      entries.set(key, result === before.value ? before : { at, value: result });
    }
  }
  return { kind: "map", at: over.at, entries };
}

function merged(base: Tree, over: Tree, path: string, depth: number): Tree {
  if (over.tag === "!override" || depth > DEEPEST) return over;
  const special = SPECIAL[path];
  if (special !== undefined) return unique(special(base, over), path);
  if (isNothing(over)) return base;
  if (base.kind === "map" && over.kind === "map") return mergedMaps(base, over, path, depth);
  if (base.kind === "list" && over.kind === "list") return unique(appended(base, over), path);
  return over;
}

function unique(tree: Tree, path: string): Tree {
  const keyOf = UNIQUE[path];
  if (keyOf === undefined || tree.kind !== "list") return tree;
  const items = new Map<unknown, Tree>();
  for (const item of tree.items) items.set(keyOf(item) ?? item, item);
  return { kind: "list", at: tree.at, items: [...items.values()] };
}

function replaced(_: Tree, over: Tree): Tree {
  return over;
}

function appended(base: Tree, over: Tree): List {
  return { kind: "list", at: over.at, items: [...asList(base), ...asList(over)] };
}

/** `NAME=value` and `NAME` for a map; a list as it is; one value alone. */
export function asList(tree: Tree | undefined): readonly Tree[] {
  if (tree === undefined || isNothing(tree)) return [];
  if (tree.kind === "list") return tree.items;
  return tree.kind === "map" ? [...tree.entries].map(([key, entry]) => assignment(key, entry)) : [tree];
}

function assignment(key: string, { at, value }: Entry): Scalar {
  const text = textOf(value);
  const { known, own } = value.kind === "scalar" ? value : { known: true, own: true };
  return { kind: "scalar", at, value: text === undefined ? key : `${key}=${text}`, known, own };
}

/** A list of names as a map of nothing. */
function asMap(tree: Tree): Mapping {
  if (tree.kind === "map") return tree;
  const names = asList(tree).flatMap((item): readonly [string, Entry][] => {
    const name = textOf(item);
    return name === undefined
      ? []
      : [[name, { at: item.at, value: { kind: "scalar", at: item.at, value: null, known: true, own: true } }]];
  });
  return { kind: "map", at: tree.at, entries: new Map(names) };
}

function nameOf(item: Tree): string | undefined {
  return textOf(item)?.replace(/=.*/s, "");
}
