import { type Alias, type Document, type Node, isAlias, isMap, isNode, isSeq } from "yaml";

/** What an alias stands for. */
export type Anchors = (alias: Alias) => Node | undefined;

/** All anchors of a document at once: the alias's own search goes through the whole document each time. */
export function anchorsOf(document: Document): Anchors {
  let anchors: ReadonlyMap<Node, Node> | undefined;
  return (alias) => (anchors ??= resolveAll(document)).get(alias);
}

/** An alias stands for the last node of its name before it. */
function resolveAll({ contents }: Document): ReadonlyMap<Node, Node> {
  const last = new Map<string, Node>();
  const found = new Map<Node, Node>();
  const look = (node: unknown): void => {
    if (isAlias(node)) {
      const target = last.get(node.source);
      if (target !== undefined) found.set(node, target);
      return;
    }
    if (isNode(node) && node.anchor !== undefined) last.set(node.anchor, node);
    if (isSeq(node)) for (const item of node.items) look(item);
    else if (isMap(node))
      for (const { key, value } of node.items) {
        look(key);
        look(value);
      }
  };
  look(contents);
  return found;
}
