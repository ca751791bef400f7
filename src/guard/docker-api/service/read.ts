import type { ContainerRequest, RequestedMount } from "../../../policy/request.ts";
import { type BodyHead, MAX_DEPTH } from "../body-head.ts";
import { longMount } from "../create/mounts.ts";
import { cleanPath } from "../create/paths.ts";
import { readCapabilities } from "../create/security.ts";
import type { CreateRequest } from "../create-request.ts";
import { bodyError } from "../go-json/body-error.ts";
import { decodeStruct } from "../go-json/decode.ts";
import { parseJson } from "../go-json/parse.ts";
import {
  boolField,
  field,
  intField,
  listField,
  objectField,
  stringField,
  stringMapField,
  stringsField,
} from "../go-json/read.ts";
import { formatJson, jsonList, type JsonObject, jsonString, withMembers } from "../go-json/value.ts";
import { changedService } from "./changes.ts";
import { SERVICE_SPEC } from "./types.ts";
import { atLeast } from "./version.ts";

type Task = Omit<ContainerRequest, "image">;

/**
 * A Swarm's `POST /services/create` or `/services/{id}/update`: the container of each of its tasks, which dockerd makes itself, past
 * every enforcement point. Protection that dockerd drops for the version of the API that is named does not count. Throws
 * E_REQUEST_BODY.
 */
export function readService(body: Uint8Array, { version, query, maxBytes }: BodyHead): CreateRequest {
  const { value, unknown } = decodeStruct(parseJson(body, { maxBytes, maxDepth: MAX_DEPTH }), SERVICE_SPEC);
  // The body is not looked at then: what comes back is what nobody has judged.
  if (query.some(([name, told]) => name === "rollback" && told !== ""))
    throw bodyError(
      "",
      "asks for the service's previous state, which is not in it; update the service to that state instead",
    );
  const task = objectField(value, "TaskTemplate");
  const runtime = stringField(task, "Runtime");
  if (runtime !== "" && runtime !== "container")
    throw bodyError("TaskTemplate.Runtime", `must be container, but is ${runtime === "plugin" ? "plugin" : "another"}`);
  for (const name of ["PluginSpec", "NetworkAttachmentSpec"])
    if (field(task, name) !== undefined) throw bodyError(`TaskTemplate.${name}`, "is not for a service of containers");
  const told = objectField(task, "ContainerSpec");
  if (task === undefined || told === undefined) throw bodyError("TaskTemplate.ContainerSpec", "must be there");
  const container = withMembers(told, canonicalMounts(told));
  const spec = withMembers(value, { TaskTemplate: withMembers(task, { ContainerSpec: container }) });
  return {
    containers: [
      { ...taskRequest(value, task, container, version), unknownFields: [...unknown, ...unknownSettings(container)] },
    ],
    body: ([changes = []]) => Buffer.from(formatJson(changedService(spec, changes, version))),
  };
}

function taskRequest(spec: JsonObject, task: JsonObject, container: JsonObject, version: string | undefined): Task {
  const name = stringField(spec, "Name");
  const imageReference = stringField(container, "Image");
  if (imageReference === "") throw bodyError("TaskTemplate.ContainerSpec.Image", "must name an image");
  const limits = objectField(objectField(task, "Resources"), "Limits");
  const pids = atLeast(version, 41) ? intField(limits, "Pids") : undefined;
  const memory = intField(limits, "MemoryBytes");
  const logDriver = stringField(objectField(task, "LogDriver"), "Name");
  const command = stringsField(container, "Command") ?? [];
  const args = stringsField(container, "Args") ?? [];
  const user = stringField(container, "User");
  const dir = stringField(container, "Dir");
  const privileges = objectField(container, "Privileges");
  return {
    ...(name !== "" && { name }),
    labels: Object.fromEntries([...stringMapField(spec, "Labels"), ...stringMapField(container, "Labels")]),
    imageReference,
    ...(command.length > 0 && { entrypoint: command }),
    ...(args.length > 0 && { command: args }),
    env: stringsField(container, "Env") ?? [],
    ...(user !== "" && { user }),
    ...(dir !== "" && { workingDir: dir }),
    readOnlyRoot: boolField(container, "ReadOnly"),
    privileged: false,
    mounts: requestedMounts(container),
    volumesFrom: [],
    capAdd: readCapabilities(stringsField(container, "CapabilityAdd") ?? [], `${SPEC}.CapabilityAdd`),
    capDrop: atLeast(version, 41)
      ? readCapabilities(stringsField(container, "CapabilityDrop") ?? [], `${SPEC}.CapabilityDrop`)
      : [],
    devices: [],
    deviceRules: [],
    securityOptions: securityOptions(privileges),
    ...(atLeast(version, 44) && boolField(privileges, "NoNewPrivileges") && { noNewPrivileges: true }),
    // 0 is as good as absent.
    ...(pids !== undefined && pids !== 0n && { pidsLimit: Number(pids) }),
    ...(memory !== undefined && memory > 0n && { memoryBytes: Number(memory) }),
    ...(logDriver !== "" && { logDriver }),
    hostNamespaces: isOnHostNetwork(spec, task) ? ["network"] : [],
    unknownFields: [],
  };
}

const SPEC = "TaskTemplate.ContainerSpec";

/** A swarm takes the type of a mount in any case, and a bind for none (moby daemon/cluster/convert/container.go). */
function canonicalMounts(container: JsonObject): Readonly<Record<string, JsonObject>> | {} {
  const mounts = listField(container, "Mounts");
  if (mounts === undefined) return {};
  const typed = mounts.map((mount) => {
    if (mount.kind !== "object") return mount;
    const type = stringField(mount, "Type").toLowerCase();
    return withMembers(mount, { Type: jsonString(type === "" ? "bind" : type) });
  });
  return { Mounts: jsonList(typed) };
}

function requestedMounts(container: JsonObject): readonly RequestedMount[] {
  const mounts = (listField(container, "Mounts") ?? []).map((mount, index) => {
    const read = longMount(mount, `${SPEC}.Mounts[${index}]`);
    refuseTemplates(read, `${SPEC}.Mounts[${index}]`);
    return read;
  });
  const files = ["Secrets", "Configs"].flatMap((name) => listField(container, name) ?? []);
  const targets = files.map((file) => (file.kind === "object" ? stringField(objectField(file, "File"), "Name") : ""));
  return [
    ...mounts,
    ...targets
      .filter((target) => target.startsWith("/"))
      .map((target) => ({ type: "other", target: cleanPath(target), readOnly: true }) as const),
  ];
}

/** Each node puts values into these (swarmkit template/expand.go): what comes out need not be what is here. A volume stays one. */
function refuseTemplates({ type, source = "", target, driverOptions = {} }: RequestedMount, path: string): void {
  const texts = [target, ...(type === "volume" ? [] : [source]), ...Object.values(driverOptions)];
  if (texts.some((text) => text.includes("{{"))) throw bodyError(path, "must hold no template");
}

function securityOptions(privileges: JsonObject | undefined): readonly string[] {
  const seccomp = stringField(objectField(privileges, "Seccomp"), "Mode");
  const appArmor = stringField(objectField(privileges, "AppArmor"), "Mode");
  const label = objectField(privileges, "SELinuxContext");
  return [
    ...(seccomp === "" || seccomp === "default" ? [] : [`seccomp=${seccomp}`]),
    ...(appArmor === "" || appArmor === "default" ? [] : ["apparmor=unconfined"]),
    ...(boolField(label, "Disable") ? ["label=disable"] : []),
    ...["User", "Role", "Type", "Level"]
      .map((name) => [name.toLowerCase(), stringField(label, name)] as const)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => `label=${name}:${value}`),
  ];
}

/** By its name; its id is not known here. */
function isOnHostNetwork(spec: JsonObject, task: JsonObject): boolean {
  const networks = [...(listField(task, "Networks") ?? []), ...(listField(spec, "Networks") ?? [])];
  return networks.some((network) => network.kind === "object" && stringField(network, "Target") === "host");
}

function unknownSettings(container: JsonObject): readonly string[] {
  const privileges = objectField(container, "Privileges");
  return [
    ...(field(privileges, "CredentialSpec") === undefined ? [] : [`${SPEC}.Privileges.CredentialSpec`]),
    ...(stringField(container, "Isolation") === "" || stringField(container, "Isolation") === "default"
      ? []
      : [`${SPEC}.Isolation`]),
  ];
}
