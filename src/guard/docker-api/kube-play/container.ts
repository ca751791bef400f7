import type { ContainerRequest, RequestedDevice } from "../../../policy/request.ts";
import { readCapabilities } from "../create/security.ts";
import { bodyError } from "../go-json/body-error.ts";
import {
  boolField,
  field,
  intField,
  mapField,
  objectField,
  stringField,
  stringMapField,
  stringsField,
} from "../go-json/read.ts";
import type { JsonObject } from "../go-json/value.ts";
import { objects, requestedDevice } from "../libpod/mounts.ts";
import { podMounts } from "./mounts.ts";
import type { KubeQuery } from "./query.ts";

type Asked = Omit<ContainerRequest, "image">;

/** A reference that is no path: Podman builds an image from a folder of that name where there is one (kube, getBuildFile). */
const REFERENCE = /^[a-zA-Z0-9](?:[\w./:@-]*\w)?$/;

export interface PodContext {
  /** As Podman calls it: of a Deployment `web`, `web-pod`. */
  readonly podName: string;
  readonly namespace: string;
  readonly meta: JsonObject | undefined;
  readonly pod: JsonObject;
}

/** One container of a pod. `path` leads to it: `spec.containers[0]`. Throws E_REQUEST_BODY. */
export function podContainer(
  { podName, namespace, meta, pod }: PodContext,
  container: JsonObject,
  path: string,
  query: KubeQuery,
): Asked {
  const imageReference = stringField(container, "image");
  if (!REFERENCE.test(imageReference) || imageReference.includes(".."))
    throw bodyError(`${path}.image`, "must name an image");
  const security = objectField(container, "securityContext");
  const mounts = podMounts(pod, container, path);
  const command = stringsField(container, "command") ?? [];
  const args = stringsField(container, "args") ?? [];
  const workingDir = stringField(container, "workingDir");
  const user = userOf(security, objectField(pod, "securityContext"));
  const capabilities = objectField(security, "capabilities");
  const memory = memoryLimit(container, path);
  const isUnmasked = stringField(security, "procMount") === "Unmasked";
  return {
    name: `${podName}-${stringField(container, "name")}`,
    ...(namespace !== "" && { namespace }),
    labels: Object.fromEntries(stringMapField(meta, "labels")),
    imageReference,
    ...(command.length > 0 && { entrypoint: command }),
    ...(args.length > 0 && { command: args }),
    env: objects(container, "env")
      .filter((variable) => field(variable, "valueFrom") === undefined)
      .map((variable) => `${stringField(variable, "name")}=${stringField(variable, "value")}`),
    ...(user !== undefined && { user }),
    ...(workingDir !== "" && { workingDir }),
    readOnlyRoot: boolField(security, "readOnlyRootFilesystem"),
    privileged: boolField(security, "privileged"),
    mounts: mounts.items,
    volumesFrom: [],
    ...(isUnmasked && { maskedPaths: [], readOnlyPaths: [] }),
    capAdd: readCapabilities(stringsField(capabilities, "add") ?? [], `${path}.securityContext.capabilities.add`),
    capDrop: readCapabilities(stringsField(capabilities, "drop") ?? [], `${path}.securityContext.capabilities.drop`),
    devices: [...mounts.devices, ...resourceDevices(container, path)],
    deviceRules: [],
    securityOptions: securityOptions(security, objectField(pod, "securityContext")),
    ...(field(security, "allowPrivilegeEscalation") !== undefined && {
      noNewPrivileges: !boolField(security, "allowPrivilegeEscalation"),
    }),
    ...(memory !== undefined && { memoryBytes: memory }),
    ...(query.logDriver !== undefined && { logDriver: query.logDriver }),
    hostNamespaces: [
      ...(boolField(pod, "hostNetwork") ? (["network", "uts"] as const) : query.hostNamespaces),
      ...(boolField(pod, "hostPID") ? (["pid"] as const) : []),
      ...(boolField(pod, "hostIPC") ? (["ipc"] as const) : []),
    ],
    unknownFields: mounts.unknown,
  };
}

function userOf(security: JsonObject | undefined, pod: JsonObject | undefined): string | undefined {
  const uid = intField(security, "runAsUser") ?? intField(pod, "runAsUser");
  const gid = intField(security, "runAsGroup") ?? intField(pod, "runAsGroup");
  if (gid === undefined) return uid?.toString();
  return `${uid ?? 0n}:${gid}`;
}

function securityOptions(security: JsonObject | undefined, pod: JsonObject | undefined): readonly string[] {
  const profiles = (["seccompProfile", "appArmorProfile"] as const).flatMap((name) => {
    const profile = objectField(security, name) ?? objectField(pod, name);
    const kind = name === "seccompProfile" ? "seccomp" : "apparmor";
    const type = stringField(profile, "type");
    if (type === "" || type === "RuntimeDefault") return [];
    return [`${kind}=${type === "Unconfined" ? "unconfined" : stringField(profile, "localhostProfile")}`];
  });
  const label = objectField(security, "seLinuxOptions") ?? objectField(pod, "seLinuxOptions");
  const labels = ["user", "role", "type", "level", "fileType"]
    .map((name) => [name.toLowerCase(), stringField(label, name)] as const)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `label=${name}:${value}`);
  return [...profiles, ...labels];
}

/** `podman.io/device=/dev/x: 1`, and what CDI calls a device (setupContainerDevices): the name before the amount. */
function resourceDevices(container: JsonObject, path: string): readonly RequestedDevice[] {
  const resources = objectField(container, "resources");
  const names = new Set(["limits", "requests"].flatMap((name) => [...mapField(resources, name).keys()]));
  return [...names]
    .filter((name) => name.includes("="))
    .map((name) => requestedDevice(name.replace(/^podman\.io\/device=/, ""), `${path}.resources`));
}

const UNITS = ["", "K", "M", "G", "T", "P", "E"];

/** Kubernetes' apimachinery, resource.Quantity, as far as memory is written in practice. */
function memoryLimit(container: JsonObject, path: string): number | undefined {
  const told = field(objectField(objectField(container, "resources"), "limits"), "memory");
  if (told === undefined) return undefined;
  const text = told.kind === "string" ? told.value : told.kind === "number" ? told.text : "";
  const [, digits, unit = "", binary] = /^(\d{1,15})([kKMGTPE]?)(i?)$/.exec(text) ?? [];
  if (digits === undefined) throw bodyError(`${path}.resources.limits.memory`, "must be a whole number with a unit");
  return Number(digits) * (binary === "i" ? 1024 : 1000) ** UNITS.indexOf(unit.toUpperCase());
}
