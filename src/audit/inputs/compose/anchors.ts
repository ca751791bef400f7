import { type Alias, type Document, type Node, isAlias, isNode, visit } from "yaml";

/** What an alias stands for. */
export type Anchors = (alias: Alias) => Node | undefined;

/** All anchors of a document at once: the alias's own search goes through the whole document each time. */
export function anchorsOf(document: Document): Anchors {
  let anchors: ReadonlyMap<Node, Node> | undefined;
  return (alias) => (anchors ??= resolveAll(document)).get(alias);
}

/** An alias stands for the last node of its name before it. */
function resolveAll(document: Document): ReadonlyMap<Node, Node> {
  const last = new Map<string, Node>();
  const found = new Map<Node, Node>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = last.get(node.source);
        if (target !== undefined) found.set(node, target);
      } else if (isNode(node) && node.anchor !== undefined) last.set(node.anchor, node);
    },
  });
  return found;
}
