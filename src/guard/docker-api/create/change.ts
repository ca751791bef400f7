import { READ_ONLY_BY_DEFAULT } from "../../../audit/kernel-paths.ts";
import { PetrifyError } from "../../../model/errors.ts";
import type { Change } from "../../../policy/decision.ts";
import { formatTmpfsOptions } from "../../../strategy/tmpfs-options.ts";
import { boolField, listField, objectField, stringMapField, stringsField } from "../go-json/read.ts";
import {
  jsonBool,
  jsonInt,
  jsonList,
  jsonObject,
  type JsonObject,
  jsonString,
  jsonStringMap,
  jsonStrings,
  type JsonValue,
  withMembers,
} from "../go-json/value.ts";
import { cleanPath } from "./paths.ts";
import { readCapabilities, withNoNewPrivileges } from "./security.ts";

/** A create body, canonical, with each change made in Docker's terms. Throws E_ENGINE_UNSUPPORTED. */
export function changedBody(body: JsonObject, changes: readonly Change[]): JsonObject {
  return changes.reduce(changed, body);
}

function changed(body: JsonObject, change: Change): JsonObject {
  if (change.kind === "env") return withMembers(body, { Env: withVariable(body, change.name, change.value) });
  const host = objectField(body, "HostConfig") ?? jsonObject([]);
  return withMembers(body, { HostConfig: withMembers(host, hostMembers(host, change)) });
}

type HostChange = Exclude<Change, { readonly kind: "env" }>;

function hostMembers(host: JsonObject, change: HostChange): Readonly<Record<string, JsonValue>> {
  switch (change.kind) {
    case "readOnlyRoot":
      return { ReadonlyRootfs: jsonBool(true) };
    case "tmpfs":
      return { Tmpfs: withTmpfs(host, change) };
    case "volume":
      return { Mounts: jsonList([...(listField(host, "Mounts") ?? []), volumeMount(change)]) };
    case "readOnlyPaths":
      return { ReadonlyPaths: jsonStrings(withReadOnlyPaths(host, change.paths)) };
    case "noNewPrivileges":
      return { SecurityOpt: jsonStrings(withNoNewPrivileges(stringsField(host, "SecurityOpt") ?? [])) };
    case "pidsLimit":
      return { PidsLimit: jsonInt(change.limit) };
    case "memory":
      return { Memory: jsonInt(change.bytes) };
    case "dropCapabilities": {
      const told = stringsField(host, "CapDrop") ?? [];
      const dropped = new Set(readCapabilities(told, "HostConfig.CapDrop"));
      return { CapDrop: jsonStrings([...told, ...change.names.filter((name) => !dropped.has(name))]) };
    }
    case "logDriver":
      break;
  }
  return {
    LogConfig: jsonObject([
      ["Type", jsonString(change.driver)],
      ["Config", jsonStringMap(change.options)],
    ]),
  };
}

/** In the place of what the client has there, in whatever spelling. */
/** Root owns a tmpfs anyway, and Podman's service (4.3) refuses options that say who does. */
function tmpfsOptions(change: Change & { readonly kind: "tmpfs" }): string {
  return formatTmpfsOptions(change).replace(/,uid=0,gid=0$/, "");
}

function withTmpfs(host: JsonObject, change: Change & { readonly kind: "tmpfs" }): JsonValue {
  const others = [...stringMapField(host, "Tmpfs")].filter(([path]) => cleanPath(path) !== change.path);
  return jsonStringMap(new Map([...others, [change.path, tmpfsOptions(change)]]));
}

function volumeMount({ path, name, driver, options }: Change & { readonly kind: "volume" }): JsonValue {
  const hasDriver = driver !== undefined || options !== undefined;
  const config = jsonObject([
    ["Name", jsonString(driver ?? "local")],
    ["Options", jsonStringMap(options ?? {})],
  ]);
  return jsonObject([
    ["Type", jsonString("volume")],
    ...(name === undefined ? [] : [["Source", jsonString(name)] as const]),
    ["Target", jsonString(path)],
    ...(hasDriver ? [["VolumeOptions", jsonObject([["DriverConfig", config]])] as const] : []),
  ]);
}

/** A list that is given takes the place of the runtime's own, which must not get shorter. */
function withReadOnlyPaths(host: JsonObject, paths: readonly string[]): readonly string[] {
  if (boolField(host, "Privileged"))
    // moby daemon/oci_linux.go (WithMounts) clears the list for a privileged container, without a word.
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", "Single paths of a privileged container cannot be made read-only.", {
      hint: "Run it without --privileged, with the capabilities it needs.",
    });
  return [...new Set([...(stringsField(host, "ReadonlyPaths") ?? READ_ONLY_BY_DEFAULT), ...paths])];
}

/** In the place of the variable's last value, else at the end. */
function withVariable(body: JsonObject, name: string, value: string): JsonValue {
  const told = stringsField(body, "Env") ?? [];
  const others = told.filter((entry) => entry !== name && !entry.startsWith(`${name}=`));
  return jsonStrings([...others, `${name}=${value}`]);
}
