import { type Document, type Node, YAMLParseError, isAlias, isCollection, isMap, isNode, isPair, isScalar } from "yaml";

// Enough for a common block that a hundred services merge; yaml looks through all anchors for each alias.
const MOST_ALIASES = 10_000;
// What a file of the largest size can hold without aliases, several times over: only multiplied ones ("billion laughs") hold more.
const MOST_NODES = 2 ** 20;

/**
 * Checks what yaml itself would check in the square of the time: that no map has a key twice, and that aliases do not multiply.
 * Throws YAMLParseError and Error, with a sentence.
 */
export function assertSound({ contents }: Document.Parsed, text: string): void {
  const sizes = new Map<string, number>();
  let aliases = 0;
  const sizeOf = (node: unknown): number => {
    if (isPair(node)) return sizeOf(node.key) + sizeOf(node.value);
    if (isAlias(node)) {
      if (++aliases > MOST_ALIASES) throw new Error(`it has more than ${MOST_ALIASES} aliases.`);
      return sizes.get(node.source) ?? 1;
    }
    let size = 1;
    if (isMap(node)) assertDistinctKeys(node.items, text);
    if (isCollection(node)) for (const item of node.items) size += sizeOf(item);
    if (size > MOST_NODES) throw new Error("its aliases multiply to more than anybody can mean.");
    if (isNode(node) && !isAlias(node) && node.anchor !== undefined) sizes.set(node.anchor, size);
    return size;
  };
  sizeOf(contents);
}

function assertDistinctKeys(pairs: readonly { readonly key: unknown }[], text: string): void {
  const known = new Set<unknown>();
  for (const { key } of pairs) {
    if (!isScalar(key)) continue;
    if (known.has(key.value)) throw twice(key, text);
    known.add(key.value);
  }
}

function twice({ range }: Node, text: string): YAMLParseError {
  const [start, end] = range ?? [0, 0];
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const line = text.slice(0, lineStart).split("\n").length;
  const message = `Map keys must be unique at line ${line}, column ${start - lineStart + 1}.`;
  return new YAMLParseError([start, end], "DUPLICATE_KEY", message);
}
