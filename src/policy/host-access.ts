import { isSelfContained } from "../learn/own-volume.ts";
import { isRawDevice } from "../audit/host-paths.ts";
import { cleanHostPath } from "./paths.ts";
import type { ContainerRequest, RequestedMount } from "./request.ts";

/** A mount that leads to a place of the host. */
export interface HostMount {
  readonly mount: RequestedMount;
  /** Cleaned; `/` when it may be any place. */
  readonly hostPath: string;
  readonly readOnly: boolean;
}

/** File systems that lie on another machine: their device is no place of this host. */
const REMOTE = new Set(["nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs"]);
/** Options by which mount(2) takes a place of the host whatever the type says. */
const TAKES_A_PLACE = new Set(["bind", "rbind", "move", "remount"]);

/** Binds, and volumes whose driver's options make them one: at the place that they name, and at the one that it leads to. */
export function hostMounts({ mounts }: ContainerRequest): readonly HostMount[] {
  return mounts.flatMap((mount) => {
    const named = placeOf(mount);
    if (named === undefined) return [];
    const places = new Set(mount.leadsTo === undefined ? [named] : [named, cleanHostPath(mount.leadsTo)]);
    return [...places].map((hostPath) => ({ mount, hostPath, readOnly: mount.readOnly }));
  });
}

/** The path of the host that a mount names; undefined when it names none. */
export function hostPathOf(mount: RequestedMount): string | undefined {
  const { type, source = "", driverOptions = {} } = mount;
  const path = type === "volume" ? (driverOptions["device"] ?? "") : source;
  return placeOf(mount) !== undefined && path.startsWith("/") ? path : undefined;
}

function placeOf(mount: RequestedMount): string | undefined {
  const { type, source = "" } = mount;
  if (type === "volume") return placeOfVolume(mount);
  // What nobody knows may be a bind.
  if (type !== "bind" && type !== "other") return undefined;
  return source.startsWith("/") ? cleanHostPath(source) : "/";
}

/** Source: moby volume/local (local_unix.go): type, device and o are those of mount(2). */
function placeOfVolume({ driver, driverOptions = {} }: RequestedMount): string | undefined {
  const isLocal = driver === undefined || driver === "" || driver === "local";
  if (!isLocal || isSelfContained({ options: driverOptions })) return undefined;
  const { type = "", device = "", o = "" } = driverOptions;
  const words = o.split(",").map((word) => word.trim());
  if (words.some((word) => TAKES_A_PLACE.has(word))) return device.startsWith("/") ? cleanHostPath(device) : "/";
  if (REMOTE.has(type)) return undefined;
  // A disk, an overlay with directories of the host in its options, or what nobody has thought of.
  return "/";
}

/** Whether the propagation of a bind, or an option of a volume, shares mounts with the host in both directions. */
export function isShared({ propagation = "", driverOptions = {} }: RequestedMount): boolean {
  const words = [...propagation.split(","), ...(driverOptions["o"] ?? "").split(",")].map((word) => word.trim());
  return words.some((word) => /^(?:r?shared|Bidirectional|PROPAGATION_BIDIRECTIONAL)$/.test(word));
}

const MEMORY_MINORS: ReadonlySet<string> = new Set(["*", "1", "2", "4"]);

/**
 * Whether a rule of the device cgroup gives disks, or the machine's memory and ports (major 1, minors 1, 2 and 4;
 * Documentation/admin-guide/devices.txt of Linux). What cannot be read gives everything.
 */
export function givesRawDevices(rule: string): boolean {
  const match = /^([abc])(?:\s+(\d+|\*):(\d+|\*)\s+[rwm]+)?$/.exec(rule.trim());
  if (match === null) return true;
  const [, type, major = "*", minor = "*"] = match;
  if (type !== "c") return true;
  return major === "*" || (major === "1" && MEMORY_MINORS.has(minor));
}

/** Devices of the host that hold its file systems or its memory. */
export function rawDevices({ devices }: ContainerRequest): readonly string[] {
  return devices
    .filter(({ hostPath, rule }) => isRaw(hostPath) || (rule !== undefined && givesRawDevices(rule)))
    .map(({ hostPath }) => hostPath);
}

function isRaw(path: string): boolean {
  const clean = cleanHostPath(path);
  return clean === "/" || isRawDevice(clean);
}
