import { type YAMLMap, isAlias, isMap, isScalar, isSeq } from "yaml";
import { Commented, type YamlItem, type YamlMap, type YamlValue } from "../../strategy/yaml-text.ts";
import { addItems, addPairs, ownPair, removePair, setValue } from "./edit.ts";
import { differences } from "./same-data.ts";
import { type Data, type YamlData, type YamlSource, invalid, isData, readYaml } from "./source.ts";

/** A map of the document. */
export interface Place {
  readonly path: readonly (string | number)[];
  /** Begins a sentence: `The service 'web'`. */
  readonly name: string;
}

/** What becomes of one key of a map: another value, more items in its list, more pairs in its map, or nothing. */
export type Edit = { readonly place: Place; readonly key: string } & (
  | { readonly set: YamlValue }
  | { readonly append: readonly YamlItem[] }
  | { readonly pairs: YamlMap }
  | { readonly remove: true }
);

/**
 * Writes edits into the text, one after the other, and reads it again: throws the format's code unless it then says what it said
 * before with the edits, and nothing else.
 */
export function applyEdits(before: YamlSource, edits: readonly Edit[]): YamlSource {
  let source = before;
  let expected: Data = before.data;
  for (const edit of edits) {
    source = readYaml(written(source, edit), source.format);
    expected = edited(expected, edit, edit.place.path);
  }
  const wrong = differences(expected, source.data);
  const [place] = edits.map((edit) => edit.place.name);
  if (wrong.length > 0 && place !== undefined)
    throw invalid(
      source.format,
      `${place} cannot be changed without changing ${wrong.slice(0, 3).join(", ")}${wrong.length > 3 ? " and more" : ""}.`,
      `They share a block by a YAML anchor: write the settings of that one out, and run this again.`,
    );
  return source;
}

/** A string, a list, or nothing, as a list. */
export function listOf(value: Data | undefined): readonly Data[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

/** The data at a path; undefined where there is none. */
export function dataAt(data: Data | undefined, path: readonly (string | number)[]): Data | undefined {
  return path.reduce<Data | undefined>((at, step) => {
    if (typeof step === "number") return listOf(at)[step];
    return isData(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, data);
}

function written(source: YamlSource, edit: Edit): string {
  const { place, key } = edit;
  const map = mapAt(source, place);
  const pair = ownPair(map, key);
  if ("remove" in edit) return pair === undefined ? source.text : removePair(source, map, pair);
  if ("set" in edit) {
    if (pair === undefined) return addPairs(source, map, { [key]: edit.set });
    refuseMergeTag(source, place, key, pair.value);
    return setValue(source, pair, edit.set);
  }
  const current = dataAt(source.data, [...place.path, key]);
  if ("pairs" in edit) {
    // A key of its own hides one that comes by `<<`: what came from there is written out with it.
    const all = { ...(isData(current) ? (current as YamlMap) : {}), ...edit.pairs };
    if (pair === undefined) return addPairs(source, map, { [key]: all });
    if (isMap(pair.value)) return addPairs(source, pair.value, edit.pairs);
    if (isScalar(pair.value) && pair.value.value === null) return setValue(source, pair, edit.pairs);
    throw invalid(source.format, `${place.name} has '${key}' in a form that cannot be extended.`, "Write it as a map.");
  }
  const all = [...listOf(current).map(asItem), ...edit.append];
  if (pair === undefined) return addPairs(source, map, { [key]: all });
  refuseMergeTag(source, place, key, pair.value);
  if (isSeq(pair.value)) return addItems(source, pair.value, edit.append);
  if (isScalar(pair.value) || isAlias(pair.value)) return setValue(source, pair, all);
  throw invalid(source.format, `${place.name} has '${key}' in a form that cannot be extended.`, "Write it as a list.");
}

/** The map at a place. Throws the format's code where it is an alias: changing it would change what it stands for. */
export function mapAt({ format, root }: YamlSource, { path, name }: Place): YAMLMap {
  let node: unknown = root;
  for (const step of path) {
    if (typeof step === "number") node = isSeq(node) ? node.items[step] : undefined;
    else node = isMap(node) ? ownPair(node, step)?.value : undefined;
    if (isAlias(node))
      throw invalid(
        format,
        `${name} is in *${node.source}, an alias: changing it would change what it stands for.`,
        "Write it out there, and run this again.",
      );
  }
  if (isMap(node)) return node;
  throw invalid(format, `${name} is not written as a map of keys of its own.`);
}

function edited(data: Data, edit: Edit, path: readonly (string | number)[]): Data {
  const [step, ...rest] = path;
  if (typeof step === "number")
    return listOf(data).map((item, index) => (index === step ? edited(item, edit, rest) : item));
  const map = isData(data) ? data : {};
  if (step !== undefined) return { ...map, [step]: edited(map[step] ?? null, edit, rest) };
  const current = map[edit.key];
  if ("remove" in edit) return Object.fromEntries(Object.entries(map).filter(([key]) => key !== edit.key));
  if ("set" in edit) return { ...map, [edit.key]: plain(edit.set) };
  if ("append" in edit) return { ...map, [edit.key]: [...listOf(current), ...edit.append.map(plain)] };
  return { ...map, [edit.key]: { ...(isData(current) ? current : {}), ...(plain(edit.pairs) as YamlData) } };
}

/** What a text that Petrify writes says. */
function plain(item: YamlItem): Data {
  const value = item instanceof Commented ? item.value : item;
  if (typeof value !== "object" || value === null) return value;
  if (isItems(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function asItem(data: Data): YamlItem {
  return data;
}

/** `!reset` and `!override` say how this file merges with others (compose-spec 13-merge), which cannot be seen from here. */
function refuseMergeTag({ format }: YamlSource, { name }: Place, key: string, value: unknown): void {
  const tag = isScalar(value) || isSeq(value) ? value.tag : undefined;
  if (tag === "!reset" || tag === "!override")
    throw invalid(
      format,
      `${name} has '${key}' tagged ${tag}, and what that leaves depends on other files.`,
      "Change the file in which it is set instead.",
    );
}

function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}

function isItems(value: YamlValue): value is readonly YamlItem[] {
  return Array.isArray(value);
}
