import { type Scalar as YamlScalar, type YAMLMap, type YAMLSeq, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { YamlSource } from "../../../export/splice/source.ts";
import { locatorOf } from "../../locator.ts";
import { anchorsOf } from "./anchors.ts";
import { type Variables, interpolate } from "./interpolate.ts";
import type { ComposeFile, Entry, List, Mapping, Place, Scalar, Tree } from "./tree.ts";

export function composeFile(name: string, source: YamlSource, variables: Variables): ComposeFile {
  let root: Mapping | undefined;
  const file: ComposeFile = {
    name,
    source,
    variables,
    locate: locatorOf(source.text),
    anchors: anchorsOf(source.document),
    get root() {
      return (root ??= mapping(file, source.root));
    },
  };
  return file;
}

function treeOf(file: ComposeFile, node: unknown, fallback: Place): Tree {
  const resolved = isAlias(node) ? file.anchors(node) : node;
  if (isMap(resolved)) return mapping(file, resolved);
  if (isSeq(resolved)) return list(file, resolved);
  if (isScalar(resolved)) return scalar(file, resolved, fallback);
  return { kind: "scalar", at: fallback, value: null, known: true, own: true };
}

function scalar(file: ComposeFile, node: YamlScalar, fallback: Place): Scalar {
  const at = placeOf(file, node) ?? fallback;
  const { value } = node;
  if (typeof value === "string") {
    const { text, known, own } = interpolate(value, file.variables);
    return { kind: "scalar", at, value: text, known, own, ...tagOf(node) };
  }
  // Binary data, the only other kind of scalar, is no setting.
  const plain = typeof value === "number" || typeof value === "boolean" || value === null ? value : "";
  return { kind: "scalar", at, value: plain, known: true, own: true, ...tagOf(node) };
}

function list(file: ComposeFile, node: YAMLSeq): List {
  const at = placeOf(file, node) ?? { file, start: 0 };
  let items: readonly Tree[] | undefined;
  return {
    kind: "list",
    at,
    ...tagOf(node),
    get items() {
      return (items ??= node.items.map((item) => treeOf(file, item, at)));
    },
  };
}

function mapping(file: ComposeFile, node: YAMLMap): Mapping {
  // Its first key tells more than the brace or the anchor before it.
  const at = placeOf(file, node.items[0]?.key) ?? placeOf(file, node) ?? { file, start: 0 };
  let entries: ReadonlyMap<string, Entry> | undefined;
  return {
    kind: "map",
    at,
    ...tagOf(node),
    get entries() {
      return (entries ??= entriesOf(file, node, at, new Set()));
    },
  };
}

/** Own keys win over merged ones, and of those the earlier ones (YAML's merge key, yaml.org/type/merge). */
function entriesOf(
  file: ComposeFile,
  node: YAMLMap,
  fallback: Place,
  inside: ReadonlySet<YAMLMap>,
): ReadonlyMap<string, Entry> {
  const own = new Map<string, Entry>();
  const merged: YAMLMap[] = [];
  for (const { key, value } of node.items) {
    if (isScalar(key) && typeof key.value === "symbol") merged.push(...mapsOf(file, value));
    else if (isScalar(key)) {
      const at = placeOf(file, key) ?? fallback;
      own.set(String(key.value), { at, value: treeOf(file, value, at) });
    }
  }
  for (const map of merged.filter((each) => !inside.has(each)))
    for (const [key, entry] of entriesOf(file, map, fallback, new Set([...inside, node])))
      if (!own.has(key)) own.set(key, entry);
  return own;
}

function mapsOf(file: ComposeFile, value: unknown): readonly YAMLMap[] {
  const resolved = isAlias(value) ? file.anchors(value) : value;
  if (isSeq(resolved)) return resolved.items.flatMap((item) => mapsOf(file, item));
  return isMap(resolved) ? [resolved] : [];
}

function placeOf(file: ComposeFile, node: unknown): Place | undefined {
  const range = isNode(node) ? node.range : undefined;
  if (range === undefined || range === null) return undefined;
  return { file, start: range[0], ...(isScalar(node) ? { end: range[1] } : {}) };
}

function tagOf({ tag }: YamlScalar | YAMLSeq | YAMLMap): Pick<Scalar, "tag"> {
  return tag === "!reset" || tag === "!override" ? { tag } : {};
}
