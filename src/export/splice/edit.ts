import { type Node, type Pair, type YAMLMap, type YAMLSeq, isCollection, isMap, isNode, isScalar, isSeq } from "yaml";
import {
  type BlockStyle,
  type YamlItem,
  type YamlMap,
  type YamlValue,
  flowItems,
  flowPairs,
  flowText,
  listLines,
  mapLines,
} from "../../strategy/yaml-text.ts";
import { type YamlSource, invalid } from "./source.ts";

/*
 * Edits of the text. Each inserts or replaces at one place and leaves every other byte alone; the result is read anew
 * before the next edit, so no edit has to know how others moved its offsets.
 *
 * In block style new lines go behind the last line that holds content of the collection; comments and blank lines after it
 * stay behind them. In flow style (also JSON) new text goes behind the last item, in the way the last item was set apart.
 */

/** Adds pairs at the end of a map. Throws the format's code. */
export function addPairs(source: YamlSource, map: YAMLMap, pairs: YamlMap): string {
  if (map.flow === true) {
    const quotes = hasQuotedKeys(map) || (source.root.flow === true && hasQuotedKeys(source.root));
    return insertInFlow(source, map, flowPairs(pairs, quotes ? "quoted keys" : "plain keys"));
  }
  const indent = indentAt(source, startOf(source, map.items[0]?.key));
  return insertLines(source, endOfContent(source, map), mapLines(pairs, indent, blockStyle(source)));
}

/** Adds items at the end of a list. Throws the format's code. */
export function addItems(source: YamlSource, list: YAMLSeq, items: readonly YamlItem[]): string {
  if (list.flow === true) return insertInFlow(source, list, flowItems(items));
  return insertLines(source, endOfContent(source, list), listLines(items, indentAt(source, startOf(source, list))));
}

/** Puts another value in the place of a pair's value, on the same line; where there was none, below the key. Throws the format's code. */
export function setValue(source: YamlSource, pair: Pair, value: YamlValue): string {
  const { text, lineBreak } = source;
  const [start, end] = rangeOf(source, pair.value);
  if (start !== end) {
    // A block scalar ends behind its line break.
    const ending = text.slice(start, end).endsWith("\n") ? lineBreak : "";
    return text.slice(0, start) + flowText(value) + ending + text.slice(end);
  }
  if (typeof value !== "object" || value === null || isInFlow(source, pair))
    return `${text.slice(0, start)} ${flowText(value)}${text.slice(start)}`;
  const indent = indentAt(source, startOf(source, pair.key));
  const [, ...lines] = mapLines({ key: value }, indent, blockStyle(source));
  return insertLines(source, start, lines);
}

/** Takes a pair out: in block style its lines, in flow style it and one comma. Throws the format's code. */
export function removePair(source: YamlSource, map: YAMLMap, pair: Pair): string {
  const { text } = source;
  const start = startOf(source, pair.key);
  const end = endOfPair(source, pair);
  if (map.flow === true) {
    const index = map.items.indexOf(pair);
    const next = map.items[index + 1];
    const previous = map.items[index - 1];
    if (next !== undefined) return text.slice(0, start) + text.slice(startOf(source, next.key));
    return text.slice(0, previous === undefined ? start : endOfPair(source, previous)) + text.slice(end);
  }
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  if (map.items.length === 1 || text.slice(lineStart, start).trim() !== "")
    throw invalid(
      source.format,
      `The ${source.format.name} has '${String(pair.key)}' in a place from which it cannot be taken out safely.`,
      "Take it out by hand, and run this again.",
    );
  const lineEnd = text.indexOf("\n", end);
  return text.slice(0, lineStart) + (lineEnd < 0 ? "" : text.slice(lineEnd + 1));
}

/** The pair of a key that the map itself has; not one that comes by a merge. */
export function ownPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

function hasQuotedKeys({ items: [first] }: YAMLMap): boolean {
  return isScalar(first?.key) && first.key.type === "QUOTE_DOUBLE";
}

function insertLines({ text, lineBreak }: YamlSource, behind: number, lines: readonly string[]): string {
  const block = lines.join(lineBreak);
  const atLineStart = behind === 0 || text[behind - 1] === "\n";
  const nextBreak = text.indexOf("\n", behind);
  if (!atLineStart && nextBreak < 0) return text + lineBreak + block;
  const offset = atLineStart ? behind : nextBreak + 1;
  // A block scalar may end with the file, behind its last line break.
  return text.slice(0, offset) + block + lineBreak + text.slice(offset);
}

function insertInFlow(source: YamlSource, collection: YAMLMap | YAMLSeq, inserted: string): string {
  const { text } = source;
  const last = collection.items.at(-1);
  if (last === undefined) {
    const inside = rangeOf(source, collection)[0] + 1;
    return text.slice(0, inside) + inserted + text.slice(inside);
  }
  const lastStart = isNode(last) ? rangeOf(source, last)[0] : startOf(source, (last as Pair).key);
  const end = isNode(last) ? rangeOf(source, last)[1] : endOfPair(source, last as Pair);
  const separator = `,${/\r?\n[ \t]*$/.exec(text.slice(0, lastStart))?.[0] ?? " "}`;
  return text.slice(0, end) + separator + inserted + text.slice(end);
}

/** Offset behind the last thing a node says, before comments and blank lines. */
function endOfContent(source: YamlSource, node: Node): number {
  if (isCollection(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (isMap(node)) return endOfPair(source, last as Pair);
    if (isSeq(node) && isNode(last)) return endOfContent(source, last);
  }
  return rangeOf(source, node)[1];
}

function endOfPair(source: YamlSource, { key, value }: Pair): number {
  return isNode(value) ? endOfContent(source, value) : rangeOf(source, key)[1];
}

/** The file's own indentation, taken from its first nested map and its first list; else two columns. */
function blockStyle(source: YamlSource): BlockStyle {
  let map: number | undefined;
  let list: number | undefined;
  const look = ({ items }: YAMLMap): void => {
    for (const { key, value } of items) {
      if (!isCollection(value) || value.flow === true) continue;
      const distance = Math.max(columnAt(source, value) - columnAt(source, key), 0);
      if (isMap(value)) {
        map ??= distance;
        look(value);
      } else list ??= distance;
    }
  };
  look(source.root);
  return { map: " ".repeat(map || 2), list: " ".repeat(list ?? 2) };
}

function indentAt({ format, text }: YamlSource, offset: number): string {
  const indent = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  // The first key of a list's item has dashes before it, the others blanks.
  if (/^(?:- | )*$/.test(indent)) return indent.replaceAll("-", " ");
  throw invalid(
    format,
    `The ${format.name} has '${indent.trim()}' before a key that more is to be written beside, and cannot be changed safely.`,
    "Write the key alone at the beginning of its line.",
  );
}

function columnAt(source: YamlSource, node: unknown): number {
  const offset = startOf(source, node);
  return offset - (source.text.lastIndexOf("\n", offset - 1) + 1);
}

function isInFlow(source: YamlSource, pair: Pair): boolean {
  const before = source.text.slice(0, startOf(source, pair.key)).trimEnd().at(-1);
  return before === "{" || before === ",";
}

function startOf(source: YamlSource, node: unknown): number {
  return rangeOf(source, node)[0];
}

function rangeOf({ format }: YamlSource, node: unknown): readonly [start: number, end: number] {
  const range = isNode(node) ? node.range : undefined;
  if (range === undefined || range === null)
    throw invalid(format, `The ${format.name} is written in a form that cannot be changed safely.`);
  return [range[0], range[1]];
}
