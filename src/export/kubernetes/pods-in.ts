import { dataAt, listOf } from "../splice/edits.ts";
import { type Data, type YamlData, isData } from "../splice/source.ts";
import { type Path, POD_KINDS } from "./pod-kinds.ts";

/** An object of a document that has the specification of a pod. */
export interface PodObject {
  readonly kind: string;
  readonly object: YamlData;
  /** Of the object in its document: empty, or an item of a List. */
  readonly objectPath: Path;
  readonly pod: YamlData;
  /** Of the pod's specification in the document. */
  readonly podPath: Path;
  /** Of a kind that is not Kubernetes' own; that this is a pod is told by its looks. */
  readonly custom: boolean;
}

// Kinds that hold a pod and cannot be asked for as an owner of one.
const POD_SPECS: Readonly<Record<string, Path>> = {
  ...Object.fromEntries(Object.entries(POD_KINDS).map(([kind, { podSpec }]) => [kind, podSpec])),
  PodTemplate: ["template", "spec"],
};
// Deeper than any schema; bounds the search in a document that somebody made deep.
const DEEPEST = 40;

/**
 * Every pod in a document: of Kubernetes' own kinds, in Lists, and in custom resources (Argo's Rollout, Knative's Service),
 * where a map below `spec` that has a list of containers with images is one.
 */
export function podsIn(document: Data | undefined): readonly PodObject[] {
  return podsOf(document, [], undefined);
}

function podsOf(object: Data | undefined, objectPath: Path, listed: string | undefined): readonly PodObject[] {
  if (!isData(object) || objectPath.length > DEEPEST) return [];
  // Items of an API server's PodList have no kind of their own.
  const kind = typeof object["kind"] === "string" ? object["kind"] : listed;
  if (kind === undefined) return [];
  if (kind.endsWith("List")) {
    const item = kind === "List" ? undefined : kind.slice(0, -"List".length);
    return listOf(object["items"]).flatMap((one, index) => podsOf(one, [...objectPath, "items", index], item));
  }
  const place = Object.hasOwn(POD_SPECS, kind) ? POD_SPECS[kind] : undefined;
  const pod = place === undefined ? undefined : dataAt(object, place);
  if (place !== undefined && isData(pod))
    return [{ kind, object, objectPath, pod, podPath: [...objectPath, ...place], custom: false }];
  return podsBelow(object["spec"], [...objectPath, "spec"]).map(([found, podPath]) => ({
    kind,
    object,
    objectPath,
    pod: found,
    podPath,
    custom: true,
  }));
}

function podsBelow(data: Data | undefined, path: Path): readonly (readonly [YamlData, Path])[] {
  if (path.length > DEEPEST || typeof data !== "object" || data === null) return [];
  if (!isData(data)) return listOf(data).flatMap((item, index) => podsBelow(item, [...path, index]));
  if (listOf(data["containers"]).some((item) => typeof dataAt(item, ["image"]) === "string")) return [[data, path]];
  return Object.entries(data).flatMap(([key, value]) => podsBelow(value, [...path, key]));
}
