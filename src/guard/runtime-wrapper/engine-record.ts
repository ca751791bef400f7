/** What an engine itself has written about a container, where only root can: what a specification does not tell. */
export interface EngineRecord {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly imageId: string;
  readonly imageReference: string;
  readonly privileged: boolean;
  /** Without `CAP_`, upper case: those that were asked for by name. */
  readonly capAdd: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** It has nothing that a step of `docker build` cannot have, and everything that each of them has. */
  readonly likeBuildStep: boolean;
}

/**
 * Reads dockerd's record of a container, `config.v2.json` and `hostconfig.json` below its data root (moby container/container.go).
 * Undefined for what does not look like them: then only the specification counts.
 */
export function parseDockerRecord(id: string, configText: string, hostConfigText: string): EngineRecord | undefined {
  const container = parsed(configText);
  const host = parsed(hostConfigText);
  const config = asObject(container?.["Config"]);
  if (container === undefined || host === undefined || config === undefined) return undefined;
  const { ID: recordId, Name: name, Image: imageId, Created: created } = container;
  const createdMs = typeof created === "string" ? Date.parse(created) : Number.NaN;
  const privileged = host["Privileged"];
  if (
    recordId !== id ||
    typeof name !== "string" ||
    typeof imageId !== "string" ||
    typeof privileged !== "boolean" ||
    Number.isNaN(createdMs)
  )
    return undefined;
  const reference = config["Image"];
  return {
    name: name.replace(/^\//, ""),
    labels: texts(asObject(config["Labels"])),
    imageId,
    imageReference: typeof reference === "string" ? reference : "",
    privileged,
    capAdd: strings(host["CapAdd"]).map((capability) => capability.toUpperCase().replace(/^CAP_/, "")),
    createdMs,
    likeBuildStep: isLikeBuildStep(host, reference, imageId),
  };
}

/**
 * The classic builder makes the containers of its RUN steps with no log, by image id, and with nothing else (moby
 * builder/dockerfile/internals.go, hostConfigFromOptions). A client can make the same; it has then no more than a build gives it: no
 * mounts, no ports, no devices, no privileges, no restart.
 */
function isLikeBuildStep(host: Fields, reference: unknown, imageId: string): boolean {
  return (
    reference === imageId &&
    asObject(host["LogConfig"])?.["Type"] === "none" &&
    ["Binds", "Mounts", "VolumesFrom", "PortBindings", "CapAdd", "Tmpfs", "Devices", "DeviceRequests"].every((name) =>
      isNothing(host[name]),
    ) &&
    ["DeviceCgroupRules", "Links", "GroupAdd", "Sysctls", "Privileged", "PublishAllPorts", "AutoRemove", "Init"].every(
      (name) => isNothing(host[name]),
    ) &&
    ["PidMode", "UTSMode", "UsernsMode", "VolumeDriver"].every((name) => isNothing(host[name])) &&
    [undefined, "", "no"].includes(asObject(host["RestartPolicy"])?.["Name"] as string | undefined) &&
    [undefined, "", "private", "shareable"].includes(host["IpcMode"] as string | undefined)
  );
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): Fields | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
function asObject(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
function texts(fields: Fields | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(fields ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
