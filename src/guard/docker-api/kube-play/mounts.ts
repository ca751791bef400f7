import type { RequestedDevice, RequestedMount } from "../../../policy/request.ts";
import { cleanPath, mountTarget } from "../create/paths.ts";
import { bodyError } from "../go-json/body-error.ts";
import { boolField, objectField, stringField } from "../go-json/read.ts";
import type { JsonObject } from "../go-json/value.ts";
import { objects, type Read } from "../libpod/mounts.ts";

export interface PodMounts extends Read<RequestedMount> {
  readonly devices: readonly RequestedDevice[];
}

const OPTIONS: ReadonlySet<string> = new Set(
  "ro rw z Z exec noexec suid nosuid dev nodev private rprivate slave rslave shared rshared".split(" "),
);
const PROPAGATIONS: Readonly<Record<string, string>> = { HostToContainer: "rslave", Bidirectional: "rshared" };

/** The volumes that a container of this pod mounts (pkg/specgen/generate/kube, ToSpecGen). Throws E_REQUEST_BODY. */
export function podMounts(pod: JsonObject, container: JsonObject, path: string): PodMounts {
  const volumes = new Map<string, JsonObject>();
  for (const volume of objects(pod, "volumes")) {
    const name = stringField(volume, "name");
    if (volumes.has(name)) throw bodyError("spec.volumes", "has two volumes of one name");
    volumes.set(name, volume);
  }
  const items: RequestedMount[] = [];
  const unknown: string[] = [];
  const devices: RequestedDevice[] = [];
  for (const [index, mount] of objects(container, "volumeMounts").entries()) {
    const where = `${path}.volumeMounts[${index}]`;
    const volume = volumes.get(stringField(mount, "name"));
    if (volume === undefined) throw bodyError(`${where}.name`, "names no volume of the pod");
    // Podman's own addition to Kubernetes: `/path:ro,noexec`.
    const [target = "", words = "", ...more] = stringField(mount, "mountPath").split(":");
    if (more.length > 0) throw bodyError(`${where}.mountPath`, "must be a path, or a path and options");
    const options = words === "" ? [] : words.split(",");
    unknown.push(...options.filter((option) => !OPTIONS.has(option)).map((option) => `${where}.mountPath=${option}`));
    const told = stringField(mount, "mountPropagation");
    const propagation = PROPAGATIONS[told] ?? options.find((option) => /^r?(?:shared|slave|private)$/.test(option));
    const common = {
      target: mountTarget(target, `${where}.mountPath`),
      readOnly: boolField(mount, "readOnly") || (options.includes("ro") && !options.includes("rw")),
      ...(propagation !== undefined && { propagation }),
    };
    const device = asDevice(volume, common.target, common.readOnly);
    if (device === undefined) items.push({ ...source(volume, where), ...common });
    else devices.push(device);
  }
  return { items, unknown, devices };
}

function asDevice(volume: JsonObject, containerPath: string, readOnly: boolean): RequestedDevice | undefined {
  const host = objectField(volume, "hostPath");
  if (!["BlockDevice", "CharDevice"].includes(stringField(host, "type"))) return undefined;
  return { hostPath: stringField(host, "path"), containerPath, permissions: readOnly ? "r" : "rwm" };
}

/** In the order in which Podman takes them when there are several (VolumeFromSource). */
function source(volume: JsonObject, where: string): Pick<RequestedMount, "type" | "source" | "exec"> {
  const host = objectField(volume, "hostPath");
  if (host !== undefined) {
    const path = stringField(host, "path");
    if (!path.startsWith("/")) throw bodyError(where, "must mount an absolute path of the host");
    // A subPath lies below, where the same holds.
    return { type: "bind", source: cleanPath(path) };
  }
  const claim = objectField(volume, "persistentVolumeClaim");
  if (claim !== undefined) return named(stringField(claim, "claimName"), where);
  const config = objectField(volume, "configMap");
  if (config !== undefined) return named(stringField(config, "name"), where);
  const secret = objectField(volume, "secret");
  if (secret !== undefined) return named(stringField(secret, "secretName"), where);
  const empty = objectField(volume, "emptyDir");
  // Before Podman 4.6 one in memory is a volume like the others.
  if (empty !== undefined)
    return stringField(empty, "medium") === "Memory" ? { type: "tmpfs", exec: true } : { type: "volume" };
  const image = objectField(volume, "image");
  if (image !== undefined) return { type: "image", source: stringField(image, "reference") };
  throw bodyError(where, "mounts a volume of a kind that is not known here");
}

function named(name: string, where: string): Pick<RequestedMount, "type" | "source"> {
  if (name === "") throw bodyError(where, "must name what is mounted");
  return { type: "volume", source: name };
}
