import type { Change } from "../../../policy/decision.ts";
import type { ContainerRequest } from "../../../policy/request.ts";
import { type BodyHead, MAX_DEPTH } from "../body-head.ts";
import { changeError } from "../change-error.ts";
import type { CreateRequest } from "../create-request.ts";
import { decodeStruct } from "../go-json/decode.ts";
import { parseJson } from "../go-json/parse.ts";
import {
  boolField,
  listField,
  mapField,
  objectField,
  stringField,
  stringMapField,
  stringsField,
} from "../go-json/read.ts";
import { formatJson, jsonList, type JsonObject, jsonString, withMembers } from "../go-json/value.ts";
import { deviceRules, hostNamespaces } from "./host.ts";
import { requestedDevice, requestedMounts } from "./mounts.ts";
import { POD_SPEC_GENERATOR } from "./types.ts";

/** What Podman calls the image that it builds for pods; the version that follows differs. */
const PAUSE_IMAGE = "localhost/podman-pause";

type Infra = Omit<ContainerRequest, "image">;

/**
 * A `POST /libpod/pods/create`: the pod's infra container, whose mounts, devices and security options the pod's containers get.
 * PodSpecGenerator has no field that makes its root read-only (before Podman 5 it never is, pkg/api/handlers/libpod/pods.go). It
 * counts as read-only all the same while it runs nothing but Podman's own pause and no other container sees its processes, through
 * which its root could be reached; a pod that asks for nothing beyond has no container to judge. Throws E_REQUEST_BODY.
 */
export function readLibpodPod(body: Uint8Array, { maxBytes }: BodyHead): CreateRequest {
  const { value: spec, unknown } = decodeStruct(parseJson(body, { maxBytes, maxDepth: MAX_DEPTH }), POD_SPEC_GENERATOR);
  const infra = infraRequest(spec, unknown);
  const asksForNothing =
    infra.readOnlyRoot &&
    infra.mounts.length + infra.volumesFrom.length + infra.devices.length + infra.deviceRules.length === 0 &&
    infra.securityOptions.length + infra.hostNamespaces.length + infra.unknownFields.length === 0 &&
    infra.maskedPaths === undefined;
  return {
    containers: asksForNothing ? [] : [infra],
    body: ([changes = []]) => Buffer.from(formatJson(changes.reduce<JsonObject>(changedPod, spec))),
  };
}

function infraRequest(spec: JsonObject, unknown: readonly string[]): Infra {
  const image = stringField(spec, "infra_image");
  const command = stringsField(spec, "infra_command") ?? [];
  const sharesProcesses = (stringsField(spec, "shared_namespaces") ?? []).includes("pid");
  const isPause = image === "" && command.length === 0;
  const mounts = requestedMounts(spec);
  const hosts = stringField(spec, "hostsFile");
  const name = stringField(spec, "infra_name");
  return {
    ...(name !== "" && { name }),
    labels: Object.fromEntries(stringMapField(spec, "labels")),
    imageReference: image === "" ? PAUSE_IMAGE : image,
    ...(command.length > 0 && { entrypoint: command }),
    env: [],
    readOnlyRoot: boolField(spec, "no_infra") || (isPause && !sharesProcesses),
    ...(isPause && { isPause }),
    privileged: false,
    mounts: [
      ...mounts.items,
      // Its content is copied, so that naming it is reading it.
      ...(hosts.startsWith("/")
        ? [{ type: "bind", source: hosts, target: "/etc/hosts", readOnly: true } as const]
        : []),
    ],
    volumesFrom: stringsField(spec, "volumes_from") ?? [],
    capAdd: [],
    capDrop: [],
    devices: (stringsField(spec, "pod_devices") ?? []).map((device, index) =>
      requestedDevice(device, `pod_devices[${index}]`),
    ),
    deviceRules: deviceRules(spec),
    ...securityOptions(stringsField(spec, "security_opt") ?? []),
    hostNamespaces: hostNamespaces(spec),
    unknownFields: [...unknown, ...mounts.unknown, ...unknownSettings(spec)],
  };
}

function unknownSettings(spec: JsonObject): readonly string[] {
  return [
    ...["infra_conmon_pid_file", "serviceContainerID"].filter((name) => stringField(spec, name) !== ""),
    ...(mapField(objectField(spec, "resource_limits"), "unified").size > 0 ? ["resource_limits.unified"] : []),
    ...(stringsField(spec, "security_opt") ?? [])
      .filter((option) => securityOption(option).name === "proc-opts")
      .map((option) => `security_opt=${option}`),
  ];
}

/** pkg/specgenutil/specgen.go, FillOutSpecGen: the name ends at `=`, or without one at `:`. */
function securityOption(option: string): { readonly name: string; readonly value: string } {
  const [, name = "", value = ""] = (option.includes("=") ? /^([^=]*)=(.*)$/s : /^([^:]*):?(.*)$/s).exec(option) ?? [];
  return { name, value };
}

const UNMASKING = new Set(["unmask", "systempaths"]);

function securityOptions(
  options: readonly string[],
): Pick<Infra, "securityOptions" | "noNewPrivileges" | "maskedPaths" | "readOnlyPaths"> {
  const all = options.map(securityOption);
  return {
    securityOptions: all
      .filter(({ name }) => !UNMASKING.has(name) && name !== "mask" && name !== "no-new-privileges")
      .map(({ name, value }) => `${name}=${value}`),
    ...(all.some(({ name, value }) => name === "no-new-privileges" && value !== "false") && { noNewPrivileges: true }),
    ...(all.some(({ name }) => UNMASKING.has(name)) && { maskedPaths: [], readOnlyPaths: [] }),
  };
}

/** Limits would be the whole pod's. The pod's containers get theirs when they are made; the infra container only waits. */
const FOR_WORKLOADS: ReadonlySet<Change["kind"]> = new Set(["pidsLimit", "memory", "dropCapabilities", "logDriver"]);

function changedPod(spec: JsonObject, { kind }: Change): JsonObject {
  if (FOR_WORKLOADS.has(kind)) return spec;
  if (kind !== "noNewPrivileges")
    throw changeError(
      "The infra container of this pod cannot be made read-only: Podman's request has no field for it.",
      "Create the pod without an infra image or command of its own, and without sharing processes (--share without pid), or with --infra=false.",
    );
  return withMembers(spec, {
    security_opt: jsonList([...(listField(spec, "security_opt") ?? []), jsonString("no-new-privileges")]),
  });
}
