import { type Data, type YamlData, isData } from "../../../export/splice/source.ts";
import { dataAt, listOf } from "../../../export/splice/edits.ts";

/** What made an object, by its kind, namespace and name. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly key: string;
}

/** Of an object: what others name it by. */
export function keyOf(kind: string, object: YamlData): string {
  return keyFrom(kind, dataAt(object, ["metadata", "namespace"]), dataAt(object, ["metadata", "name"]));
}

/** The controller of an object: the ReplicaSet of a pod. Undefined for what was made by hand, and for a node's own pods. */
export function ownerOf(object: YamlData): Owner | undefined {
  const owner = listOf(dataAt(object, ["metadata", "ownerReferences"])).find(
    (reference): reference is YamlData => isData(reference) && reference["controller"] === true,
  );
  const { kind, name } = owner ?? {};
  if (typeof kind !== "string" || typeof name !== "string" || kind === "Node") return undefined;
  return { kind, name, key: keyFrom(kind, dataAt(object, ["metadata", "namespace"]), name) };
}

function keyFrom(kind: string, namespace: Data | undefined, name: Data | undefined): string {
  return JSON.stringify([kind, namespace ?? "", name ?? ""]);
}
