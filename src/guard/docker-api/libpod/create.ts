import type { ContainerRequest } from "../../../policy/request.ts";
import { type BodyHead, MAX_DEPTH } from "../body-head.ts";
import { readCapabilities } from "../create/security.ts";
import type { CreateRequest } from "../create-request.ts";
import { bodyError } from "../go-json/body-error.ts";
import { decodeStruct } from "../go-json/decode.ts";
import { parseJson } from "../go-json/parse.ts";
import { boolField, field, intField, objectField, stringField, stringMapField, stringsField } from "../go-json/read.ts";
import { formatJson, type JsonObject } from "../go-json/value.ts";
import { changedSpec } from "./changes.ts";
import { deviceRules, hostNamespaces, joinedNamespaces, requestedDevices } from "./host.ts";
import { objects, requestedMounts } from "./mounts.ts";
import { SPEC_GENERATOR } from "./types.ts";
import { unknownSettings } from "./unknown.ts";

/**
 * A `POST /libpod/containers/create`, read as Podman 4 and 5 do: encoding/json into a SpecGenerator. What changes the host or the
 * runtime beyond what a ContainerRequest can say is among `unknownFields`. Throws E_REQUEST_BODY.
 */
export function readLibpodCreate(body: Uint8Array, { maxBytes }: BodyHead): CreateRequest {
  const { value: spec, unknown } = decodeStruct(parseJson(body, { maxBytes, maxDepth: MAX_DEPTH }), SPEC_GENERATOR);
  const container = specRequest(spec, unknown);
  return {
    containers: [container],
    body: ([changes = []]) => Buffer.from(formatJson(changedSpec(spec, changes))),
  };
}

function specRequest(spec: JsonObject, unknown: readonly string[]): Omit<ContainerRequest, "image"> {
  if (stringField(spec, "rootfs") !== "")
    throw bodyError("rootfs", "makes a directory of the host the root of the container, which no policy can judge");
  const imageReference = stringField(spec, "image");
  if (imageReference === "") throw bodyError("image", "must name an image");
  const mounts = requestedMounts(spec);
  const limits = objectField(spec, "resource_limits");
  return {
    ...optional("name", text(spec, "name")),
    labels: Object.fromEntries(stringMapField(spec, "labels")),
    imageReference,
    ...optional("entrypoint", stringsField(spec, "entrypoint")),
    ...optional("command", stringsField(spec, "command")),
    env: [...stringMapField(spec, "env")].map(([name, value]) => `${name}=${value}`),
    ...optional("user", text(spec, "user")),
    ...optional("workingDir", text(spec, "work_dir")),
    readOnlyRoot: boolField(spec, "read_only_filesystem"),
    privileged: boolField(spec, "privileged"),
    mounts: [...mounts.items, ...impliedMounts(spec)],
    volumesFrom: stringsField(spec, "volumes_from") ?? [],
    ...unmasked(spec),
    capAdd: readCapabilities(stringsField(spec, "cap_add") ?? [], "cap_add"),
    capDrop: readCapabilities(stringsField(spec, "cap_drop") ?? [], "cap_drop"),
    devices: requestedDevices(spec),
    deviceRules: deviceRules(spec),
    securityOptions: securityOptions(spec),
    ...optional("noNewPrivileges", field(spec, "no_new_privileges") && boolField(spec, "no_new_privileges")),
    ...optional("pidsLimit", number(objectField(limits, "pids"), "limit")),
    ...optional("memoryBytes", number(objectField(limits, "memory"), "limit")),
    ...optional("logDriver", text(objectField(spec, "log_configuration"), "driver")),
    ...optional("runtime", text(spec, "oci_runtime")),
    hostNamespaces: hostNamespaces(spec),
    ...optional("joinedNamespaces", joinedNamespaces(spec)),
    unknownFields: [...unknown, ...mounts.unknown, ...unknownSettings(spec)],
  };
}

function optional<K extends string, V>(name: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]?: V });
}

/** Undefined when it is empty: to Podman that is the same as absent. */
export function text(object: JsonObject | undefined, name: string): string | undefined {
  return stringField(object, name) || undefined;
}

/** Exact for all that a limit can be; what is beyond is as good as none. */
function number(object: JsonObject | undefined, name: string): number | undefined {
  const value = intField(object, name);
  return value === undefined ? undefined : Number(value);
}

/** What Podman mounts for other fields than those of mounts. */
function impliedMounts(spec: JsonObject): ContainerRequest["mounts"] {
  const initPath = boolField(spec, "init") ? stringField(spec, "init_path") : "";
  const hosts = stringField(spec, "base_hosts_file");
  return [
    // pkg/specgen/generate/storage.go, addContainerInitBinary; its target differs from version to version.
    ...(initPath === "" ? [] : [{ type: "bind", source: initPath, target: "/dev/init", readOnly: true } as const]),
    // Its content is copied, so that naming it is reading it.
    ...(hosts.startsWith("/") ? [{ type: "bind", source: hosts, target: "/etc/hosts", readOnly: true } as const] : []),
    // Without a size, and programs can be run from them: addReadWriteTmpfsMounts; libpod/container_internal_linux.go, setupSystemd.
    ...(boolField(spec, "read_write_tmpfs") ? ["/run", "/tmp", "/var/tmp"].map(looseTmpfs) : []),
    ...(stringField(spec, "systemd") === "always"
      ? ["/run", "/run/lock", "/tmp", "/var/log/journal"].map(looseTmpfs)
      : []),
    // One with a path of its own lies there as a file; others lie in /run/secrets.
    ...objects(spec, "secrets")
      .map((secret) => stringField(secret, "Target"))
      .filter((target) => target.startsWith("/"))
      .map((target) => ({ type: "other", target, readOnly: false }) as const),
  ];
}

function looseTmpfs(target: string): ContainerRequest["mounts"][number] {
  return { type: "tmpfs", target, readOnly: false, exec: true };
}

/** One path that is given free may be any of them (patterns, lists): then none of the runtime's own is counted on. */
function unmasked(spec: JsonObject): Pick<ContainerRequest, "maskedPaths" | "readOnlyPaths"> {
  const isUnmasked = (stringsField(spec, "unmask") ?? []).some((path) => path !== "");
  return isUnmasked ? { maskedPaths: [], readOnlyPaths: [] } : {};
}

function securityOptions(spec: JsonObject): readonly string[] {
  const seccomp = text(spec, "seccomp_profile_path");
  const appArmor = text(spec, "apparmor_profile");
  return [
    ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
    ...(appArmor === undefined ? [] : [`apparmor=${appArmor}`]),
    ...(stringsField(spec, "selinux_opts") ?? []).map((option) => `label=${option}`),
    ...(boolField(spec, "label_nested") ? ["label=nested"] : []),
  ];
}
