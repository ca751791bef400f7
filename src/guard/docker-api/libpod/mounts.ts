import type { RequestedDevice, RequestedMount } from "../../../policy/request.ts";
import { cleanPath, devicePath, mountTarget } from "../create/paths.ts";
import { bodyError } from "../go-json/body-error.ts";
import { boolField, listField, stringField, stringsField } from "../go-json/read.ts";
import type { JsonObject, JsonValue } from "../go-json/value.ts";

/** What a field asks for, and what in it is not understood: `mounts[0].options=U`. */
export interface Read<T> {
  readonly items: readonly T[];
  readonly unknown: readonly string[];
}

/** All mounts of a SpecGenerator or a PodSpecGenerator. Throws E_REQUEST_BODY. */
export function requestedMounts(spec: JsonObject): Read<RequestedMount> {
  const read = (Object.keys(READERS) as (keyof typeof READERS)[]).flatMap((name) =>
    objects(spec, name).map((object, index) => READERS[name](object, `${name}[${index}]`)),
  );
  return { items: read.map(({ mount }) => mount), unknown: read.flatMap(({ unknown }) => unknown) };
}

interface One {
  readonly mount: RequestedMount;
  readonly unknown: readonly string[];
}

const READERS = {
  mounts: ociMount,
  volumes: namedVolume,
  overlay_volumes: overlayVolume,
  image_volumes: imageVolume,
  artifact_volumes: artifactVolume,
} as const;

const PROPAGATIONS = new Set("private rprivate slave rslave shared rshared unbindable runbindable".split(" "));

/**
 * Options whose effect is known (pkg/util/mount_opts.go, ProcessOptions). Not among them: `U` gives the host's files another owner,
 * `O`, `upperdir=` and `workdir=` write elsewhere on the host.
 */
const FLAGS = new Set([
  ..."ro rw bind rbind exec noexec suid nosuid dev nodev z Z copy nocopy tmpcopyup notmpcopyup noatime noswap".split(
    " ",
  ),
  ..."no-dereference idmap".split(" "),
  ...PROPAGATIONS,
]);
const VALUES = new Set(["size", "mode", "consistency", "subpath", "idmap"]);

function isKnown(option: string): boolean {
  return FLAGS.has(option) || (option.includes("=") && VALUES.has(option.slice(0, option.indexOf("="))));
}

function unknownOptions(options: readonly string[], where: string, more: (option: string) => boolean): string[] {
  return options.filter((option) => !isKnown(option) && !more(option)).map((option) => `${where}=${option}`);
}

function isReadOnly(options: readonly string[]): boolean {
  return options.includes("ro") && !options.includes("rw");
}

function propagation(options: readonly string[]): { readonly propagation?: string } {
  const found = options.find((option) => PROPAGATIONS.has(option));
  return found === undefined ? {} : { propagation: found };
}

/** What only shows the container something of its own. */
const OWN = new Set(["devpts", "mqueue"]);

/** A mount of the OCI runtime's. To runtimes it is a bind by its options, whatever its type says (runc, crun). */
function ociMount(mount: JsonObject, where: string): One {
  const type = stringField(mount, "type");
  const options = stringsField(mount, "options") ?? [];
  const isBind = type === "bind" || options.includes("bind") || options.includes("rbind");
  const target = mountTarget(stringField(mount, "destination"), `${where}.destination`);
  const unknown = unknownOptions(options, `${where}.options`, () => false);
  if (isBind) {
    const source = stringField(mount, "source");
    if (!source.startsWith("/")) throw bodyError(`${where}.source`, "must be an absolute path");
    const isOdd = type !== "bind";
    return {
      mount: {
        type: "bind",
        source: cleanPath(source),
        target,
        readOnly: isReadOnly(options),
        ...propagation(options),
      },
      unknown: isOdd ? [...unknown, `${where}.type=${type}`] : unknown,
    };
  }
  if (type === "tmpfs") {
    const exec = !options.includes("noexec");
    return { mount: { type: "tmpfs", target, readOnly: isReadOnly(options), exec }, unknown };
  }
  const isOwn = OWN.has(type);
  return {
    mount: { type: "other", target, readOnly: isReadOnly(options) },
    unknown: isOwn ? unknown : [...unknown, `${where}.type=${type}`],
  };
}

/** Podman's own names of volumes (libpod/define, NameRegex); anything else it refuses. */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

function namedVolume(volume: JsonObject, where: string): One {
  const name = stringField(volume, "Name");
  if (name !== "" && !VOLUME_NAME.test(name)) throw bodyError(`${where}.Name`, "must be the name of a volume");
  const options = stringsField(volume, "Options") ?? [];
  const forDriver = options.filter((option) => option.startsWith("volume-opt"));
  const driverOptions = Object.fromEntries(forDriver.map((option) => driverOption(option, `${where}.Options`)));
  return {
    mount: {
      type: "volume",
      ...(name !== "" && { source: name }),
      target: mountTarget(stringField(volume, "Dest"), `${where}.Dest`),
      readOnly: isReadOnly(options),
      ...propagation(options),
      ...(forDriver.length > 0 && { driverOptions }),
    },
    // Owner and label of a volume are the container's own matter.
    unknown: unknownOptions(options, `${where}.Options`, (option) => option === "U" || forDriver.includes(option)),
  };
}

/** `volume-opt=KEY=VALUE` (pkg/util, ParseDriverOpts). */
function driverOption(option: string, where: string): readonly [string, string] {
  const [, key, value] = /^volume-opt=([^=]*)=(.*)$/s.exec(option) ?? [];
  if (key === undefined || value === undefined) throw bodyError(where, "has a volume-opt without a key and a value");
  return [key, value];
}

/** What is written to it goes into a layer of its own; what can be said of it here is that it is writable. */
function overlayVolume(volume: JsonObject, where: string): One {
  const source = stringField(volume, "source");
  const options = stringsField(volume, "options") ?? [];
  return {
    mount: {
      type: source.startsWith("/") ? "bind" : "volume",
      source,
      target: mountTarget(stringField(volume, "destination"), `${where}.destination`),
      readOnly: isReadOnly(options),
    },
    unknown: unknownOptions(options, `${where}.options`, (option) => option === "O"),
  };
}

function imageVolume(volume: JsonObject, where: string): One {
  const target = mountTarget(stringField(volume, "Destination"), `${where}.Destination`);
  const source = stringField(volume, "Source");
  return { mount: { type: "image", source, target, readOnly: !boolField(volume, "ReadWrite") }, unknown: [] };
}

function artifactVolume(volume: JsonObject, where: string): One {
  const target = mountTarget(stringField(volume, "destination"), `${where}.destination`);
  return { mount: { type: "image", source: stringField(volume, "source"), target, readOnly: true }, unknown: [] };
}

/** The structs of a list; a null among them stands for nothing and is refused. */
export function objects(spec: JsonObject, name: string): readonly JsonObject[] {
  return (listField(spec, name) ?? []).map((item: JsonValue, index) => {
    if (item.kind !== "object") throw bodyError(`${name}[${index}]`, "must be an object");
    return item;
  });
}

/** `HOST[:CONTAINER][:rwm]`, or a CDI name (pkg/specgen/generate, ParseDevice). Throws E_REQUEST_BODY. */
export function requestedDevice(text: string, where: string): RequestedDevice {
  const [hostPath = "", second, third, ...more] = text.split(":");
  if (hostPath === "" || more.length > 0) throw bodyError(where, "must name a device");
  const isMode = second !== undefined && /^[rwm]+$/.test(second);
  const containerPath = second === undefined || second === "" || isMode ? hostPath : second;
  const isQualified = /^[\w.-]+\/[\w.-]+=/.test(hostPath);
  return {
    hostPath: isQualified ? hostPath : devicePath(hostPath),
    containerPath,
    permissions: third ?? (isMode ? second : "rwm"),
  };
}
