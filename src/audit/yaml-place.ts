import { isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import { ownPair } from "../export/splice/edit.ts";
import type { YamlSource } from "../export/splice/source.ts";
import type { Location } from "../model/finding.ts";
import { locatorOf } from "./locator.ts";

/** Finds places of a YAML text; `firstLine` is the line of the file on which the text begins. */
export type Placer = (path: readonly (string | number)[]) => Location;

/**
 * Says where a key stands. What came by a merge key or an alias is said to be where that is written; what is missing, at the
 * deepest part of the path that is there.
 */
export function placer({ text, root, document }: YamlSource, firstLine = 1): Placer {
  const locate = locatorOf(text, firstLine);
  return (path) => {
    let node: unknown = root;
    let at: unknown = root.items[0]?.key ?? root;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      if (typeof step === "number") {
        const item: unknown = isSeq(node) ? node.items[step] : undefined;
        if (item === undefined) break;
        node = item;
        at = isMap(item) ? (item.items[0]?.key ?? item) : item;
      } else {
        const pair = isMap(node) ? ownPair(node, step) : undefined;
        if (pair === undefined) break;
        at = pair.key;
        node = pair.value;
      }
    }
    const range = isNode(at) ? at.range : undefined;
    return locate(range?.[0] ?? 0, isScalar(at) ? range?.[1] : undefined);
  };
}
