import type { AuditPort, Settings, SettingName } from "../../container.ts";
import { asList } from "./merge.ts";
import { readMounts } from "./mounts.ts";
import { readSecurity } from "./security.ts";
import {
  type Context,
  type Read,
  isTrueTree,
  readBoolean,
  readBytes,
  readList,
  readNumber,
  readText,
} from "./setting.ts";
import { readCpus, readUlimits, withoutZero } from "./limits.ts";
import { readEnvironment, readHealthcheck, readLogOptions, readRestart, readSysctls, readWords } from "./process.ts";
import { parsePort } from "./short-syntax.ts";
import { entryAt, entryOf, isUnknown, itemsOf, textOf } from "./tree.ts";

/** Settings of a service, and those that are written in a way that cannot be known without the environment of Compose. */
export interface ServiceSettings {
  readonly settings: Settings;
  readonly unknown: readonly SettingName[];
}

type Reads = { readonly [N in SettingName]?: (context: Context) => Read<unknown> };

/** How each setting that has one place is read; `deploy` wins over the older keys (docker/compose pkg/compose/create.go). */
const READS: Reads = {
  readOnlyRoot: (context) => readBoolean(context, "read_only"),
  privileged: (context) => readBoolean(context, "privileged"),
  user: (context) => readText(context, ["user"]),
  capAdd: (context) => readCapabilities(context, "cap_add"),
  capDrop: (context) =>
    itemsOf(entryOf(context.settings, "cap_drop")?.value).some(isUnknown)
      ? "unknown"
      : readCapabilities(context, "cap_drop"),
  network: (context) => asContainer(readNetwork(context)),
  pid: (context) => asContainer(readText(context, ["pid"])),
  ipc: (context) => asContainer(readText(context, ["ipc"])),
  uts: (context) => readText(context, ["uts"]),
  userns: (context) => readText(context, ["userns_mode"]),
  memoryBytes: (context) => readBytes(context, ["deploy", "resources", "limits", "memory"], ["mem_limit"]),
  cpus: readCpus,
  pidsLimit: (context) => withoutZero(readNumber(context, ["deploy", "resources", "limits", "pids"], ["pids_limit"])),
  devices: readDevices,
  deviceRules: (context) => readList(context, "device_cgroup_rules", "left out"),
  cgroupParent: (context) => readText(context, ["cgroup_parent"]),
  restart: readRestart,
  healthcheck: readHealthcheck,
  ulimits: readUlimits,
  logOptions: readLogOptions,
  logDriver: (context) => readText(context, ["logging", "driver"], ["log_driver"]),
  entrypoint: (context) => readWords(context, "entrypoint"),
  command: (context) => readWords(context, "command"),
  workingDir: (context) => readText(context, ["working_dir"]),
  environment: readEnvironment,
  sysctls: readSysctls,
  runtime: (context) => readText(context, ["runtime"]),
};

export function readSettings(context: Context): ServiceSettings {
  const reads = Object.entries({
    ...Object.fromEntries(Object.entries(READS).map(([name, read]) => [name, read(context)])),
    ...readSecurity(context),
  });
  const mounts = readMounts(context);
  const ports = readPorts(context);
  const image = entryOf(context.settings, "image");
  const imageName = textOf(image?.value);
  return {
    settings: {
      // A strategy is found by the image's repository, whatever its tag: that stays with its variables.
      ...(image === undefined || imageName === undefined || imageName === ""
        ? {}
        : { image: { value: imageName, at: context.locate(image.at) } }),
      ...(Object.fromEntries(reads.filter(([, read]) => read !== undefined && read !== "unknown")) as Settings),
      ...(mounts.length > 0 ? { mounts } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    },
    unknown: [
      ...(isUnknown(image?.value) ? (["image"] as const) : []),
      ...reads.filter(([, read]) => read === "unknown").map(([name]) => name as SettingName),
    ],
  };
}

function readCapabilities(context: Context, key: string): Read<readonly string[]> {
  const read = readList(context, key, "left out");
  if (read === undefined || read === "unknown") return read;
  return { ...read, value: read.value.map((name) => name.toUpperCase().replace(/^CAP_/, "")) };
}

/** What Compose calls `service:NAME` is `container:NAME` to Docker. */
function asContainer(read: Read<string>): Read<string> {
  return typeof read === "object" ? { ...read, value: read.value.replace(/^service:/, "container:") } : read;
}

/** Also a network that stands for the host's: `{external: true, name: host}`. */
function readNetwork(context: Context): Read<string> {
  const mode = readText(context, ["network_mode"], ["net"]);
  if (mode !== undefined) return mode;
  for (const item of asList(entryOf(context.settings, "networks")?.value)) {
    const name = textOf(item)?.replace(/=.*/s, "") ?? "";
    const external = entryAt(context.networks, name, "external")?.value;
    const isExternal = external?.kind === "map" || isTrueTree(external);
    const real = textOf(entryOf(external, "name")?.value ?? entryAt(context.networks, name, "name")?.value) ?? name;
    if (isExternal && real === "host") return { value: "host", at: context.locate(item.at) };
  }
  return undefined;
}

/** Paths of the host, or names of CDI devices; `SOURCE:TARGET:PERMISSIONS` or `{source, target}`. */
function readDevices({ settings, locate }: Context): Read<readonly string[]> {
  const entry = entryOf(settings, "devices");
  if (entry === undefined) return undefined;
  const paths = itemsOf(entry.value).flatMap((item) => textOf(entryOf(item, "source")?.value ?? item) ?? []);
  return paths.length === 0
    ? undefined
    : { value: paths.map((path) => path.replace(/(^|[^$]):.*/s, "$1")), at: locate(entry.at) };
}

/** Of a range the first; one with a variable in it is left out. */
function readPorts({ settings, locate }: Context): readonly AuditPort[] {
  return itemsOf(entryOf(settings, "ports")?.value).flatMap((item): readonly AuditPort[] => {
    const text = (key: string): string => textOf(entryOf(item, key)?.value) ?? "";
    // The long syntax says the same in parts.
    const long = `[${text("host_ip")}]:${text("published")}:${text("target")}`;
    const port = parsePort(item.kind === "map" ? long : (textOf(item) ?? ""));
    const at = item.kind === "map" ? (entryOf(item, "target")?.at ?? item.at) : item.at;
    return port === undefined ? [] : [{ ...port, at: locate(at) }];
  });
}
