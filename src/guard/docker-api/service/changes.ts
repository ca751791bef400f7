import type { Change } from "../../../policy/decision.ts";
import { changeError } from "../change-error.ts";
import { listField, objectField, stringsField } from "../go-json/read.ts";
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
import { atLeast } from "./version.ts";

/** A ServiceSpec with the changes made to its tasks. Throws E_REQUEST_CHANGE for what a swarm, or this version of its API, has no place for. */
export function changedService(spec: JsonObject, changes: readonly Change[], version: string | undefined): JsonObject {
  return changes.reduce((changed, change) => {
    const task = objectField(changed, "TaskTemplate") ?? EMPTY;
    return withMembers(changed, { TaskTemplate: withMembers(task, taskMembers(task, change, version)) });
  }, spec);
}

const EMPTY = jsonObject([]);
type Members = Readonly<Record<string, JsonValue>>;

function taskMembers(task: JsonObject, change: Change, version: string | undefined): Members {
  switch (change.kind) {
    case "pidsLimit":
      needs(version, 41, "a limit of processes");
      return limits(task, { Pids: jsonInt(change.limit) });
    case "memory":
      return limits(task, { MemoryBytes: jsonInt(change.bytes) });
    case "logDriver": {
      const driver = { Name: jsonString(change.driver), Options: jsonStringMap(change.options) };
      return { LogDriver: jsonObject(Object.entries(driver)) };
    }
    case "readOnlyRoot":
    case "readOnlyPaths":
    case "tmpfs":
    case "volume":
    case "env":
    case "noNewPrivileges":
    case "dropCapabilities":
      break;
  }
  const container = objectField(task, "ContainerSpec") ?? EMPTY;
  return { ContainerSpec: withMembers(container, containerMembers(container, change, version)) };
}

type ContainerChange = Exclude<Change, { readonly kind: "pidsLimit" | "memory" | "logDriver" }>;

function containerMembers(container: JsonObject, change: ContainerChange, version: string | undefined): Members {
  switch (change.kind) {
    case "readOnlyRoot":
      return { ReadOnly: jsonBool(true) };
    case "tmpfs":
      return withMount(container, tmpfs(change, version));
    case "volume":
      return withMount(container, volume(change));
    case "env": {
      const others = (stringsField(container, "Env") ?? []).filter((entry) => entry.split("=", 1)[0] !== change.name);
      return { Env: jsonStrings([...others, `${change.name}=${change.value}`]) };
    }
    case "noNewPrivileges": {
      needs(version, 44, "no-new-privileges");
      const privileges = objectField(container, "Privileges") ?? EMPTY;
      return { Privileges: withMembers(privileges, { NoNewPrivileges: jsonBool(true) }) };
    }
    case "dropCapabilities": {
      needs(version, 41, "dropped capabilities");
      const told = stringsField(container, "CapabilityDrop") ?? [];
      return { CapabilityDrop: jsonStrings([...told, ...change.names.map((name) => `CAP_${name}`)]) };
    }
    case "readOnlyPaths":
  }
  throw changeError(
    "A service of a swarm cannot have single paths made read-only.",
    "Make its whole root read-only, or leave readOnlyPaths out of the exemption.",
  );
}

function needs(version: string | undefined, minor: number, what: string): void {
  if (atLeast(version, minor)) return;
  throw changeError(
    `A service gets ${what} only by version 1.${minor} of the API or a later one, and the request is not of one.`,
    `Use a client and an engine that speak version 1.${minor}.`,
  );
}

function limits(task: JsonObject, members: Members): Members {
  const resources = objectField(task, "Resources") ?? EMPTY;
  const own = objectField(resources, "Limits") ?? EMPTY;
  return { Resources: withMembers(resources, { Limits: withMembers(own, members) }) };
}

function withMount(container: JsonObject, mount: JsonObject): Members {
  return { Mounts: jsonList([...(listField(container, "Mounts") ?? []), mount]) };
}

function tmpfs(change: Change & { readonly kind: "tmpfs" }, version: string | undefined): JsonObject {
  const { path, sizeBytes, mode, uid, gid, exec } = change;
  // moby volume/mounts/linux_parser.go, validTmpfsOptions: `exec` and `noexec` are all there is beside size and mode.
  if (uid !== 0 || gid !== 0)
    throw changeError(
      `A service of a swarm cannot have a tmpfs that belongs to another user than root, and ${path} needs ${uid}:${gid}.`,
      `Mount something at ${path} yourself: a volume, or a tmpfs with a mode that lets others write (tmpfs-mode=1777).`,
    );
  if (exec) needs(version, 46, `a tmpfs on which programs can be run (${path})`);
  const options = {
    SizeBytes: jsonInt(sizeBytes),
    Mode: jsonInt(mode),
    ...(exec && { Options: jsonList([jsonStrings(["exec"])]) }),
  };
  return jsonObject([
    ["Type", jsonString("tmpfs")],
    ["Target", jsonString(path)],
    ["TmpfsOptions", jsonObject(Object.entries(options))],
  ]);
}

function volume({ path, name, driver, options }: Change & { readonly kind: "volume" }): JsonObject {
  const config = { Name: jsonString(driver ?? "local"), Options: jsonStringMap(options ?? {}) };
  const hasDriver = driver !== undefined || options !== undefined;
  return jsonObject([
    ["Type", jsonString("volume")],
    ...(name === undefined ? [] : [["Source", jsonString(name)] as const]),
    ["Target", jsonString(path)],
    ...(hasDriver
      ? [["VolumeOptions", jsonObject([["DriverConfig", jsonObject(Object.entries(config))]])] as const]
      : []),
  ]);
}
