import { isSelfContained } from "../learn/own-volume.ts";
import type { Policy } from "../model/policy.ts";
import { isRawDevice } from "../audit/host-paths.ts";
import { isWithin } from "../strategy/paths.ts";
import { cleanHostPath } from "./paths.ts";
import type { ContainerRequest, RequestedMount } from "./request.ts";

/** A mount that leads to a place of the host. */
export interface HostMount {
  readonly mount: RequestedMount;
  /** Cleaned; `/` when it may be any place. */
  readonly hostPath: string;
  readonly readOnly: boolean;
}

/**
 * Where hosts have mounts of their own below the kernel's (file-hierarchy(7)). A read-only bind leaves them writable: always before
 * Docker 25, and later by the API before 1.44, or with `ReadOnlyNonRecursive`.
 */
const MOUNTS_BELOW = (
  "/dev/pts /dev/shm /proc/sys/fs/binfmt_misc /sys/firmware/efi/efivars /sys/fs/bpf /sys/fs/cgroup/devices " +
  "/sys/fs/fuse/connections /sys/fs/pstore /sys/kernel/config /sys/kernel/debug/tracing /sys/kernel/security"
).split(" ");
/**
 * Whoever is root and connects there has root's services do what he wants, and to connect is no write; nor is it to read what is
 * typed at the host's terminals.
 */
const ROOTS_SOCKETS = (
  "/dev/pts /run/systemd/private /run/dbus/system_bus_socket /run/snapd.socket /run/libvirt /run/lxd.socket /run/incus /run/udev/control " +
  "/run/acpid.socket /var/lib/lxd /var/lib/incus /var/snap/lxd/common/lxd"
).split(" ");

/** Whether the host can be changed through a bind of this path though it is read-only. */
export function isOpenReadOnly(path: string): boolean {
  return (
    MOUNTS_BELOW.some((mount) => path !== mount && isWithin(mount, path)) ||
    ROOTS_SOCKETS.some((socket) => isWithin(socket, path) || isWithin(path, socket))
  );
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
 * Documentation/admin-guide/devices.txt of Linux). What cannot be read gives everything; to the hostile,
 * so does what is not known to be harmless: SCSI's generic devices (major 21) are disks, too.
 */
export function givesRawDevices(rule: string, trust: Policy["trust"]): boolean {
  const match = /^([abc])(?:\s+(\d+|\*):(\d+|\*)\s+[rwm]+)?$/.exec(rule.trim());
  if (match === null) return true;
  const [, type, major = "*", minor = "*"] = match;
  if (type !== "c") return true;
  if (trust === "hostile") return !HARMLESS_NUMBERS.has(major) && !HARMLESS_NUMBERS.has(`${major}:${minor}`);
  return major === "*" || (major === "1" && MEMORY_MINORS.has(minor));
}

/** Devices of the host that hold its file systems or its memory; to the hostile all that may, as disks have names without end. */
export function rawDevices({ devices }: ContainerRequest, trust: Policy["trust"]): readonly string[] {
  return devices
    .filter(
      ({ hostPath, rule }) =>
        isRaw(hostPath, rule !== undefined && trust === "cooperative") ||
        (rule !== undefined && givesRawDevices(rule, trust)) ||
        (trust === "hostile" && hostPath.startsWith("/") && !HARMLESS.test(cleanHostPath(hostPath))),
    )
    .map(({ hostPath }) => hostPath);
}

/** Devices that lead to no memory, no disk and no terminal of the host (Documentation/admin-guide/devices.txt of Linux). */
const HARMLESS =
  /^\/dev\/(?:null|zero|full|u?random|tty|fuse|kvm|kfd|rtc\d*|hwrng|net\/tun|ppp|vhost-(?:net|vsock)|tty(?:USB|ACM)\d+|(?:video|media|nvidia)\d+|nvidia(?:ctl|-modeset|-uvm(?:-tools)?)|(?:dri|snd|infiniband|accel|nvidia-caps)(?:\/[\w-]+)?)$/;
/** The same by number: `major:minor`, or a major alone. */
const HARMLESS_NUMBERS: ReadonlySet<string> = new Set(
  "1:3 1:5 1:7 1:8 1:9 5:0 5:2 10:200 10:229 10:232 81 116 166 188 195 226".split(" "),
);

/** Below /dev, where others than the host's administrator make files. */
const SHARED_IN_DEV = ["/dev/shm", "/dev/mqueue", "/dev/hugepages", "/dev/pts"];

/**
 * A name elsewhere says nothing of the device: whoever may make nodes in a volume, as containers may, makes one of any disk there, also
 * after the numbers were looked at.
 */
function isRaw(path: string, isLookedAt: boolean): boolean {
  // What a driver gives has a name and no path (`gpu`).
  if (!path.startsWith("/")) return false;
  const clean = cleanHostPath(path);
  const isElsewhere = !isWithin(clean, "/dev") || SHARED_IN_DEV.some((directory) => isWithin(clean, directory));
  return clean === "/" || (isElsewhere && !isLookedAt) || isRawDevice(clean);
}
