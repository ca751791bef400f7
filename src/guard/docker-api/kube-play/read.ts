import type { Change } from "../../../policy/decision.ts";
import type { ContainerRequest } from "../../../policy/request.ts";
import type { BodyHead } from "../body-head.ts";
import type { CreateRequest } from "../create-request.ts";
import { bodyError } from "../go-json/body-error.ts";
import { decodeStruct } from "../go-json/decode.ts";
import { shown } from "../go-json/parse.ts";
import { boolField, listField, objectField, stringField, stringMapField } from "../go-json/read.ts";
import { jsonList, type JsonObject, withMembers } from "../go-json/value.ts";
import { isReadByRuntime } from "../libpod/annotations.ts";
import { objects } from "../libpod/mounts.ts";
import { changedContainer } from "./changes.ts";
import { podContainer } from "./container.ts";
import { type KubeQuery, readKubeQuery } from "./query.ts";
import { KINDS } from "./types.ts";
import { formatYamlJson, parseStrictYaml } from "./yaml-json.ts";

type Asked = Omit<ContainerRequest, "image">;

/** One container, and where it is. */
interface Found {
  readonly asked: Asked;
  readonly document: number;
  readonly list: "containers" | "initContainers";
  readonly index: number;
}

const TEXT_TYPES: ReadonlySet<string> = new Set(
  "text/plain application/json application/yaml application/text application/x-yaml text/yaml text/x-yaml".split(" "),
);

/**
 * A `POST /libpod/play/kube` or `/libpod/kube/play`: the containers and init containers of all its pods, in their order. What is sent on
 * is JSON, which is YAML, of what was read. Archives (with folders to build images from), kinds that Podman leaves out, and annotations
 * that runtimes read are refused. Throws E_REQUEST_BODY.
 */
export function readKubePlay(body: Uint8Array, { query, contentType, maxBytes }: BodyHead): CreateRequest {
  if (contentType !== undefined && !TEXT_TYPES.has(contentType))
    throw bodyError("", `is of the type ${shown(contentType)}: only the YAML itself can be judged`);
  const asked = readKubeQuery(query);
  const documents = parseStrictYaml(body, maxBytes).map(readObject);
  const found = documents.flatMap((object, index) => containersOf(object, index, asked));
  return {
    containers: found.map((one) => one.asked),
    body: (changes) => Buffer.from(`${changed(documents, found, changes).map(formatYamlJson).join("\n---\n")}\n`),
  };
}

interface KubeObject {
  readonly value: JsonObject;
  readonly unknown: readonly string[];
}

function readObject(document: JsonObject): KubeObject {
  const kind = [...document.members].find(([key]) => key === "kind")?.[1];
  const name = kind?.kind === "string" ? kind.value : "";
  const type = KINDS.get(name);
  if (type === undefined) throw bodyError("kind", `is ${shown(name)}, which cannot be judged here`);
  const { value, unknown } = decodeStruct(document, type);
  if (name === "PersistentVolumeClaim") refuseOwnVolume(value);
  return { value, unknown };
}

/** By its annotations a claim makes a volume of any place of the host (pkg/util/kube.go). */
function refuseOwnVolume(claim: JsonObject): void {
  const annotations = stringMapField(objectField(claim, "metadata"), "annotations");
  for (const name of annotations.keys())
    if (name.startsWith("volume.podman.io/") && !/\/[ug]id$/.test(name))
      throw bodyError("metadata.annotations", `has ${shown(name)}, by which a volume can be a place of the host`);
}

const NOT_SHOWN_ONLY = [
  "seccomp.security.",
  "container.seccomp.",
  "container.apparmor.",
  "io.podman.annotations.",
  "volume.podman.io/",
];

function containersOf({ value, unknown }: KubeObject, document: number, query: KubeQuery): readonly Found[] {
  const place = podOf(value);
  if (place === undefined) return [];
  const { meta, pod, path } = place;
  const outer = objectField(value, "metadata");
  // Those of a Deployment count for its pod, too.
  const annotations = new Set([outer, meta].flatMap((one) => [...stringMapField(one, "annotations").keys()]));
  const podUnknown = [
    ...unknown,
    ...[...annotations]
      .filter((name) => isReadByRuntime(name) || NOT_SHOWN_ONLY.some((prefix) => name.startsWith(prefix)))
      .map((name) => `metadata.annotations[${name}]`),
    // By its processes the infra container can be reached, whose root is not read-only before Podman 5.
    ...(boolField(pod, "shareProcessNamespace") ? [`${path}.shareProcessNamespace`] : []),
  ];
  const ownName = stringField(outer, "name");
  const podName = stringField(value, "kind") === "Pod" ? ownName : `${ownName}-pod`;
  const namespace = stringField(meta, "namespace") || stringField(outer, "namespace");
  return (["initContainers", "containers"] as const).flatMap((list) =>
    objects(pod, list).map((container, index) => {
      const asked = podContainer({ podName, namespace, meta, pod }, container, `${path}.${list}[${index}]`, query);
      return { asked: { ...asked, unknownFields: [...podUnknown, ...asked.unknownFields] }, document, list, index };
    }),
  );
}

function podOf(
  value: JsonObject,
): { readonly meta: JsonObject | undefined; readonly pod: JsonObject; readonly path: string } | undefined {
  const kind = stringField(value, "kind");
  const spec = objectField(value, "spec");
  if (kind === "Pod") return spec && { meta: objectField(value, "metadata"), pod: spec, path: "spec" };
  const template = objectField(spec, "template");
  const pod = objectField(template, "spec");
  const isWorkload = template !== undefined && pod !== undefined && kind !== "PersistentVolumeClaim";
  return isWorkload ? { meta: objectField(template, "metadata"), pod, path: "spec.template.spec" } : undefined;
}

function changed(
  documents: readonly KubeObject[],
  found: readonly Found[],
  changes: readonly (readonly Change[])[],
): readonly JsonObject[] {
  const values = documents.map(({ value }) => value);
  for (const [index, { document, list, index: at, asked }] of found.entries()) {
    const own = changes[index] ?? [];
    const value = values[document];
    if (own.length === 0 || value === undefined) continue;
    values[document] = withPod(value, (pod) => {
      const items = (listField(pod, list) ?? []).map((item, place) =>
        place === at && item.kind === "object" ? changedContainer(item, own, asked.name ?? list) : item,
      );
      return withMembers(pod, { [list]: jsonList(items) });
    });
  }
  return values;
}

function withPod(value: JsonObject, change: (pod: JsonObject) => JsonObject): JsonObject {
  const spec = objectField(value, "spec");
  if (spec === undefined) return value;
  if (stringField(value, "kind") === "Pod") return withMembers(value, { spec: change(spec) });
  const template = objectField(spec, "template");
  const pod = objectField(template, "spec");
  if (template === undefined || pod === undefined) return value;
  return withMembers(value, {
    spec: withMembers(spec, { template: withMembers(template, { spec: change(pod) }) }),
  });
}
