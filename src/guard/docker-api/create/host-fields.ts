import { HOST_CONFIG } from "../fields/host-config.ts";
import { field, intField, objectField, stringField } from "../go-json/read.ts";
import { type JsonObject, jsonObject, type JsonValue, withMembers } from "../go-json/value.ts";

/**
 * The body with its whole host configuration in `HostConfig`, where each version of Docker looks for it. Before Docker 27 its fields
 * may stand beside `Image`: all of them count when there is no inner one, else only those five, where the inner ones say nothing.
 * Source: moby v20.10 runconfig/config_unix.go, getHostConfig.
 */
export function innerHostConfig(body: JsonObject): JsonObject {
  const outer = jsonObject([...body.members].filter(([name]) => HOST_CONFIG.fields.has(name)));
  const rest = jsonObject(
    [...body.members].filter(([name]) => !HOST_CONFIG.fields.has(name) && name !== "Cpuset" && name !== "HostConfig"),
  );
  const inner = objectField(body, "HostConfig");
  const host = inner === undefined ? (outer.members.size === 0 ? undefined : outer) : withDefaults(inner, outer);
  if (host === undefined) {
    const told = body.members.get("HostConfig");
    return told === undefined ? rest : withMembers(rest, { HostConfig: told });
  }
  const cpuset = field(body, "Cpuset");
  const takesCpuset = stringField(host, "CpusetCpus") === "" && stringField(body, "Cpuset") !== "";
  const merged = takesCpuset && cpuset !== undefined ? withMembers(host, { CpusetCpus: cpuset }) : host;
  return withMembers(rest, { HostConfig: merged });
}

const COUNTS = ["Memory", "MemorySwap", "CpuShares"];
const TEXTS = ["CpusetCpus", "VolumeDriver"];

function withDefaults(inner: JsonObject, outer: JsonObject): JsonObject {
  const added: Record<string, JsonValue> = {};
  const take = (name: string): void => {
    const value = field(outer, name);
    if (value !== undefined) added[name] = value;
  };
  for (const name of COUNTS) if ((intField(inner, name) ?? 0n) === 0n && intField(outer, name) !== 0n) take(name);
  for (const name of TEXTS) if (stringField(inner, name) === "" && stringField(outer, name) !== "") take(name);
  return withMembers(inner, added);
}
