import { podmanVolumeOptions } from "../../../engine/docker/podman/volume-options.ts";
import { formatMode, parseSize } from "../../../model/units.ts";
import type { Change } from "../../../policy/decision.ts";
import { changeError } from "../change-error.ts";
import { field, listField, objectField } from "../go-json/read.ts";
import {
  jsonBool,
  jsonInt,
  type JsonObject,
  jsonObject,
  jsonList,
  jsonString,
  jsonStringMap,
  jsonStrings,
  type JsonValue,
  withMembers,
} from "../go-json/value.ts";

type Of<K extends Change["kind"]> = Extract<Change, { readonly kind: K }>;

const CHANGES: { readonly [K in Change["kind"]]: (spec: JsonObject, change: Of<K>) => JsonObject } = {
  readOnlyRoot: (spec) =>
    withMembers(spec, {
      read_only_filesystem: jsonBool(true),
      // Where the client does not ask for them, Podman's own writable mounts are none of the policy's.
      ...(field(spec, "read_write_tmpfs") === undefined && { read_write_tmpfs: jsonBool(false) }),
    }),
  tmpfs: (spec, change) => (change.uid === 0 && change.gid === 0 ? tmpfs(spec, change) : ownedTmpfs(spec, change)),
  volume,
  readOnlyPaths() {
    throw changeError(
      "Podman cannot make single paths read-only.",
      "Make the whole root read-only, or leave readOnlyPaths out of the exemption.",
    );
  },
  env: (spec, { name, value }) => within(spec, "env", { [name]: jsonString(value) }),
  noNewPrivileges: (spec) => withMembers(spec, { no_new_privileges: jsonBool(true) }),
  pidsLimit: (spec, { limit }) => within(spec, "resource_limits", { pids: jsonObject([["limit", jsonInt(limit)]]) }),
  memory: (spec, { bytes }) => {
    const memory = objectField(objectField(spec, "resource_limits"), "memory") ?? EMPTY;
    return within(spec, "resource_limits", { memory: withMembers(memory, { limit: jsonInt(bytes) }) });
  },
  dropCapabilities: (spec, { names }) => append(spec, "cap_drop", names.map(jsonString)),
  logDriver: (spec, { driver, options }) => withMembers(spec, { log_configuration: logConfiguration(driver, options) }),
};

/** A SpecGenerator with the changes made. Throws E_REQUEST_CHANGE. */
export function changedSpec(spec: JsonObject, changes: readonly Change[]): JsonObject {
  return changes.reduce<JsonObject>((changed, change) => CHANGES[change.kind](changed, change as never), spec);
}

const EMPTY = jsonObject([]);

function within(spec: JsonObject, name: string, members: Readonly<Record<string, JsonValue>>): JsonObject {
  return withMembers(spec, { [name]: withMembers(objectField(spec, name) ?? EMPTY, members) });
}

function append(spec: JsonObject, name: string, items: readonly JsonValue[]): JsonObject {
  return withMembers(spec, { [name]: jsonList([...(listField(spec, name) ?? []), ...items]) });
}

/** As Docker's: empty at the start, where Podman's own begins with the image's files. */
function tmpfs(spec: JsonObject, { path, sizeBytes, mode, exec }: Of<"tmpfs">): JsonObject {
  const flags = ["rw", "nosuid", "nodev", exec ? "exec" : "noexec", "notmpcopyup"];
  const options = [...flags, `size=${sizeBytes}`, `mode=${formatMode(mode)}`];
  const mount = { destination: jsonString(path), type: jsonString("tmpfs"), source: jsonString("tmpfs") };
  return append(spec, "mounts", [jsonObject(Object.entries({ ...mount, options: jsonStrings(options) }))]);
}

/**
 * A tmpfs of Podman's takes no owner (QUIRKS.tmpfsWithoutOwner), so that this is an anonymous volume of that type: bounded, and empty at
 * each start. Podman gives it the owner and the mode of the image's directory; where the image has none, the container's user.
 */
function ownedTmpfs(spec: JsonObject, { path, sizeBytes, mode, uid, gid, exec }: Of<"tmpfs">): JsonObject {
  const o = `size=${sizeBytes},mode=${formatMode(mode)},uid=${uid},gid=${gid}`;
  const options = podmanVolumeOptions({ type: "tmpfs", device: "tmpfs", o });
  const flags = ["nosuid", "nodev", exec ? "exec" : "noexec", "nocopy"];
  return appendVolume(spec, path, "", [...flags, ...driverOptions(options)]);
}

function volume(spec: JsonObject, { path, name = "", driver = "local", options = {} }: Of<"volume">): JsonObject {
  if (driver !== "local")
    throw changeError(
      `Podman's request to create a container has no place for the volume driver ${driver}, which the strategy names for ${path}.`,
      `Create the volume with 'podman volume create --driver ${driver}', and mount it at ${path}.`,
    );
  return appendVolume(spec, path, name, driverOptions(podmanVolumeOptions(options)));
}

function driverOptions(options: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(options).map(([key, value]) => `volume-opt=${key}=${value}`);
}

function appendVolume(spec: JsonObject, path: string, name: string, options: readonly string[]): JsonObject {
  const named = { Name: jsonString(name), Dest: jsonString(path), Options: jsonStrings(options) };
  return append(spec, "volumes", [jsonObject(Object.entries(named))]);
}

/** Podman has the one option for a size as a field of its own, in bytes (pkg/specgen, LogConfig). */
function logConfiguration(driver: string, options: Readonly<Record<string, string>>): JsonObject {
  const { "max-size": size, ...rest } = options;
  return jsonObject([
    ["driver", jsonString(driver)],
    ...(size === undefined ? [] : [["size", jsonInt(parseSize(size))] as const]),
    ["options", jsonStringMap(rest)],
  ]);
}
