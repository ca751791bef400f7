import type { YamlMap } from "../../strategy/yaml-text.ts";
import { documentsText } from "../kubernetes/manifest.ts";
import type { PodMounts } from "../kubernetes/pod-mounts.ts";
import { dataAt } from "../splice/edits.ts";
import { type Data, MANIFEST, readYaml } from "../splice/source.ts";
import { type FoundContainer, nameOf } from "./workloads.ts";

/** The claims that no document of the file makes in the pod's namespace, and that can be added as documents. */
export function missingClaims(
  { kind, document: place }: FoundContainer,
  { claims }: PodMounts,
  documents: readonly string[],
  namespace: string | undefined,
): readonly YamlMap[] {
  if (kind === "StatefulSet" || isJson(documents[place] ?? "")) return [];
  const present = new Set(
    documents
      .filter((document) => document.includes("PersistentVolumeClaim"))
      .map((document) => readYaml(document, MANIFEST).data)
      .filter((data) => data["kind"] === "PersistentVolumeClaim" && namespaceOf(data) === namespace)
      .flatMap((data) => nameOf(data["metadata"])),
  );
  return claims.filter(({ name }) => !present.has(name)).map(({ manifest }) => inNamespace(manifest, namespace));
}

/** The namespace that an object names itself. */
export function namespaceOf(object: Data | undefined): string | undefined {
  const namespace = dataAt(object, ["metadata", "namespace"]);
  return typeof namespace === "string" ? namespace : undefined;
}

function inNamespace(manifest: YamlMap, namespace: string | undefined): YamlMap {
  if (namespace === undefined) return manifest;
  return { ...manifest, metadata: { ...(manifest["metadata"] as YamlMap), namespace } };
}

/** The file's text with documents at its end. */
export function withDocuments(text: string, added: readonly YamlMap[], lineBreak: string): string {
  if (added.length === 0) return text;
  const end = text === "" || text.endsWith("\n") ? "" : lineBreak;
  return `${text}${end}---${lineBreak}${documentsText(added).replaceAll("\n", lineBreak)}`;
}

/** What must be done by hand so that the claims are there. */
export function claimNotes({ kind }: FoundContainer, { claims }: PodMounts, text: string): string[] {
  if (claims.length === 0) return [];
  if (kind === "StatefulSet")
    return [
      "The claim templates of a StatefulSet that runs cannot change: delete it with --cascade=orphan, and apply this.",
    ];
  return isJson(text) ? [`The claims must be made elsewhere: ${claims.map(({ name }) => name).join(", ")}.`] : [];
}

/** JSON holds one document. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
