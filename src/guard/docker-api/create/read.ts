import type { ContainerRequest, RequestedDevice } from "../../../policy/request.ts";
import type { CreateRequest } from "../create-request.ts";
import { CREATE_REQUEST, CREATE_REQUEST_WITH_HOST_FIELDS } from "../fields/create.ts";
import { decodeStruct } from "../go-json/decode.ts";
import { parseJson } from "../go-json/parse.ts";
import {
  boolField,
  intField,
  listField,
  objectField,
  stringField,
  stringMapField,
  stringsField,
} from "../go-json/read.ts";
import { formatJson, type JsonObject } from "../go-json/value.ts";
import { changedBody } from "./change.ts";
import { innerHostConfig } from "./host-fields.ts";
import { requestedMounts } from "./mounts.ts";
import { isReadByRuntime } from "../libpod/annotations.ts";
import { cleanPath, devicePath } from "./paths.ts";
import { readCapabilities, readNamespaces, readSecurityOptions } from "./security.ts";

/** Go's own bound is 10,000; no field lies deeper than 6. */
const MAX_DEPTH = 64;

export interface CreateCall {
  /** Of the API, `1.41`; absent when the client named none. */
  readonly version?: string;
  /** Decoded, in their order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly maxBytes: number;
}

/** The body of `POST /containers/create` as dockerd reads it (moby v20.10 to v28, postContainersCreate). Throws E_REQUEST_BODY. */
export function readCreate(body: Uint8Array, { version, query, maxBytes }: CreateCall): CreateRequest {
  const isInnerOnly = version !== undefined && minor(version) >= 46;
  const type = isInnerOnly ? CREATE_REQUEST : CREATE_REQUEST_WITH_HOST_FIELDS;
  const decoded = decodeStruct(parseJson(body, { maxBytes, maxDepth: MAX_DEPTH }), type);
  const canonical = isInnerOnly ? decoded.value : innerHostConfig(decoded.value);
  const name = query.find(([key]) => key === "name")?.[1].replace(/^\//, "") ?? "";
  const container = { ...(name === "" ? {} : { name }), ...readContainer(canonical, decoded.unknown) };
  return {
    containers: [container],
    body: ([changes = []]) => Buffer.from(formatJson(changedBody(canonical, changes))),
  };
}

function minor(version: string): number {
  return Number(/^1\.(\d+)$/.exec(version)?.[1] ?? 0);
}

type Container = Omit<ContainerRequest, "image" | "name">;

function readContainer(config: JsonObject, unknownFields: readonly string[]): Container {
  const host = objectField(config, "HostConfig");
  const entrypoint = stringsField(config, "Entrypoint");
  const command = stringsField(config, "Cmd");
  const workingDir = stringField(config, "WorkingDir");
  const readOnlyPaths = stringsField(host, "ReadonlyPaths");
  const maskedPaths = stringsField(host, "MaskedPaths");
  const annotations = [...stringMapField(host, "Annotations").keys()].filter(isReadByRuntime);
  return {
    labels: Object.fromEntries(stringMapField(config, "Labels")),
    imageReference: stringField(config, "Image"),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
    env: stringsField(config, "Env") ?? [],
    ...text("user", stringField(config, "User")),
    ...text("workingDir", workingDir === "" ? "" : cleanPath(workingDir)),
    readOnlyRoot: boolField(host, "ReadonlyRootfs"),
    privileged: boolField(host, "Privileged"),
    mounts: requestedMounts(config, host),
    volumesFrom: (stringsField(host, "VolumesFrom") ?? []).map((from) => from.replace(/:.*$/s, "")),
    ...(readOnlyPaths === undefined ? {} : { readOnlyPaths }),
    ...(maskedPaths === undefined ? {} : { maskedPaths }),
    capAdd: readCapabilities(stringsField(host, "CapAdd") ?? [], "HostConfig.CapAdd"),
    capDrop: readCapabilities(stringsField(host, "CapDrop") ?? [], "HostConfig.CapDrop"),
    devices: devicesOf(host),
    deviceRules: stringsField(host, "DeviceCgroupRules") ?? [],
    ...readSecurityOptions(stringsField(host, "SecurityOpt") ?? []),
    ...limitsOf(host),
    ...text("logDriver", stringField(objectField(host, "LogConfig"), "Type")),
    ...text("runtime", stringField(host, "Runtime")),
    ...readNamespaces({
      PidMode: stringField(host, "PidMode"),
      NetworkMode: stringField(host, "NetworkMode"),
      IpcMode: stringField(host, "IpcMode"),
      UTSMode: stringField(host, "UTSMode"),
      UsernsMode: stringField(host, "UsernsMode"),
      CgroupnsMode: stringField(host, "CgroupnsMode"),
    }),
    unknownFields: [...unknownFields, ...annotations.map((name) => `HostConfig.Annotations.${name}`)],
  };
}

function limitsOf(host: JsonObject | undefined): Pick<Container, "pidsLimit" | "memoryBytes"> {
  const pids = intField(host, "PidsLimit");
  const memory = intField(host, "Memory") ?? 0n;
  return {
    // moby postContainersCreate: "any negative value was accepted", and 0.
    ...(pids === undefined ? {} : { pidsLimit: pids <= 0n ? -1 : Number(pids) }),
    ...(memory === 0n ? {} : { memoryBytes: Number(memory) }),
  };
}

function devicesOf(host: JsonObject | undefined): readonly RequestedDevice[] {
  const mapped = (listField(host, "Devices") ?? []).map((value): RequestedDevice => {
    const device = value.kind === "object" ? value : undefined;
    return {
      hostPath: devicePath(stringField(device, "PathOnHost")),
      containerPath: stringField(device, "PathInContainer"),
      permissions: stringField(device, "CgroupPermissions"),
    };
  });
  // What a driver gives (`--gpus`, CDI) has no path; it is told by the driver's name.
  const requested = (listField(host, "DeviceRequests") ?? []).map((value): RequestedDevice => {
    const request = value.kind === "object" ? value : undefined;
    const ids = stringsField(request, "DeviceIDs") ?? [];
    return {
      hostPath: [stringField(request, "Driver") || "gpu", ...ids].join(":"),
      containerPath: "",
      permissions: "rwm",
    };
  });
  return [...mapped, ...requested];
}

function text<K extends string>(key: K, value: string): { readonly [P in K]?: string } {
  return value === "" ? {} : ({ [key]: value } as { [P in K]: string });
}
