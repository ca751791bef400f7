import { field, listField, mapField, objectField, stringField, stringMapField, stringsField } from "../go-json/read.ts";
import type { JsonObject } from "../go-json/value.ts";
import { isReadByRuntime } from "./annotations.ts";

/** Fields that are not understood as soon as they say anything: each with what they do. */
const NOT_UNDERSTOOD: readonly string[] = [
  // Other containers' devices.
  "devices_from",
  "gpus",
  // Files of the host that are written there.
  "conmon_pid_file",
  // Settings of the cgroup under names of their own, memory.max and pids.max among them.
  "unified",
];

/** Options of /proc that only narrow what is seen of it (proc(5)). */
const PROC_OPTIONS = /^(?:hidepid=\w+|gid=\d+|subset=pid|nosuid|noexec|nodev|ro)$/;

/** Settings of a SpecGenerator beside its mounts that change more than a ContainerRequest can say. */
export function unknownSettings(spec: JsonObject): readonly string[] {
  return [...NOT_UNDERSTOOD.filter((name) => says(spec, name)), ...otherSettings(spec)];
}

function* otherSettings(spec: JsonObject): Generator<string> {
  if (stringField(objectField(spec, "log_configuration"), "path") !== "") yield "log_configuration.path";
  if (mapField(objectField(spec, "resource_limits"), "unified").size > 0) yield "resource_limits.unified";
  // Whether the pod shares them or not. Through its processes the infra container's writable root can be reached.
  if (stringField(objectField(spec, "pidns"), "nsmode") === "pod") yield "pidns=pod";
  // Otherwise a directory of the host into which the log is written.
  const healthLog = stringField(spec, "healthLogDestination");
  if (!["", "local", "events_logger", "none"].includes(healthLog)) yield "healthLogDestination";
  if (stringField(spec, "rootfs_propagation").endsWith("shared")) yield "rootfs_propagation";
  if (stringField(spec, "seccomp_policy") === "image") yield "seccomp_policy=image";
  for (const option of stringsField(spec, "procfs_opts") ?? [])
    if (!PROC_OPTIONS.test(option)) yield `procfs_opts=${option}`;
  for (const name of stringMapField(spec, "annotations").keys())
    if (isReadByRuntime(name)) yield `annotations[${name}]`;
}

function says(spec: JsonObject, name: string): boolean {
  const value = field(spec, name);
  if (value?.kind === "string") return value.value !== "";
  if (value?.kind === "list") return (listField(spec, name) ?? []).length > 0;
  return value?.kind === "object" && value.members.size > 0;
}
