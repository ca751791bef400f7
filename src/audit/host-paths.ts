import { basename } from "node:path/posix";
import { isBelow, isWithin } from "../strategy/paths.ts";
import type { AuditMount, Located, Settings } from "./container.ts";

/** Directories of the host that are its programs, its configuration, its kernel, or the state of what runs containers. */
const SYSTEM: readonly { readonly path: string; readonly below: boolean }[] = [
  ...["/", "/etc", "/var", "/var/lib", "/root", "/dev", "/usr", "/usr/local"].map((path) => ({ path, below: false })),
  ...[
    "/bin /sbin /lib /lib32 /lib64 /libx32 /boot /proc /sys /usr/bin /usr/sbin /usr/lib /usr/lib32 /usr/lib64 /usr/libexec",
    "/usr/local/bin /usr/local/sbin /usr/local/lib /root/.ssh /var/spool/cron",
    "/etc/cron.d /etc/cron.daily /etc/cron.hourly /etc/crontab /etc/docker /etc/containerd /etc/crio /etc/group /etc/init.d",
    "/etc/kubernetes /etc/ld.so.conf.d /etc/ld.so.preload /etc/pam.d /etc/passwd /etc/profile.d /etc/shadow /etc/ssh",
    "/etc/sudoers /etc/sudoers.d /etc/systemd",
    "/var/lib/docker /var/lib/containerd /var/lib/containers /var/lib/etcd /var/lib/kubelet /var/lib/rancher",
    // The guard's own policy, programs and records.
    "/etc/petrify /usr/local/libexec /var/cache/petrify-guard /var/lib/petrify",
  ]
    .flatMap((line) => line.split(" "))
    .map((path) => ({ path, below: true })),
];

/** What is in a volume lies in the engine's state, and is no more than a volume. */
const IN_VOLUME = /^\/var\/lib\/(?:docker|containers\/storage)\/volumes\/[^/]+\/_data(?:\/.*)?$/s;

/**
 * Whether a path is a volume's content. The directory around it is the engine's: a link in the place of `_data` would lead the engine
 * anywhere.
 */
export function isInVolume(path: string): boolean {
  return IN_VOLUME.test(path);
}

/** Places whose reading alone gives secrets of the host or of other containers away. */
const SECRET =
  "/ /etc /root /home /etc/shadow /etc/kubernetes /etc/ssh /var/lib /var/lib/docker /var/lib/containerd".split(" ");
const SECRET_BELOW = "/root/.ssh /root/.kube /root/.docker /var/lib/kubelet /var/lib/etcd /var/lib/containers".split(
  " ",
);

/** Whether who writes to this path of the host takes the host over. */
export function isHostSystem(path: string): boolean {
  if (isInVolume(path)) return false;
  return SYSTEM.some((place) => path === place.path || (place.below && isBelow(path, place.path)));
}

/** Whether who reads this path of the host has secrets that are not the container's. */
export function isHostSecret(path: string): boolean {
  if (isInVolume(path)) return false;
  return SECRET.includes(path) || SECRET_BELOW.some((place) => isWithin(path, place));
}

const SOCKET = /^(?:docker|podman|containerd|crio|cri-dockerd|dockershim|buildkitd|docker_engine)(?:\.sock)?$/;
const SOCKET_FILE = /\.sock$|docker_engine$/;
/** Directories in which engines have their sockets. */
const SOCKET_DIRECTORIES =
  /^(?:\/var)?\/run(?:\/(?:podman|docker|containerd|crio|k3s(?:\/containerd)?|user(?:\/\d+(?:\/podman)?)?))?$/;

/** Whether a bind of this host path, read-only or not, reaches a container engine. */
export function isEngineSocket(path: string): boolean {
  // Windows names its pipe \\.\pipe\docker_engine.
  const name = basename(path.replaceAll("\\", "/"));
  return (SOCKET_FILE.test(name) && SOCKET.test(name)) || SOCKET_DIRECTORIES.test(path);
}

/** Devices that hold file systems or the machine's memory. Names: Documentation/admin-guide/devices.txt of Linux. */
const RAW_DEVICE =
  /^\/dev(?:\/(?:[hsv]d[a-z]+\d*|xvd[a-z]+\d*|nvme\d+(?:n\d+)?(?:p\d+)?|mmcblk\d+(?:p\d+)?|md\d+|dm-\d+|loop\d+|loop-control|nbd\d+|zd\d+|sr\d+|mem|kmem|port|(?:mapper|disk|block|md)(?:\/.*)?))?\/?$/;

/** Whether a device gives the host's disks or memory. */
export function isRawDevice(path: string): boolean {
  return RAW_DEVICE.test(path);
}

/** Binds with their host path. */
export function hostBinds({ mounts = [] }: Settings): readonly (AuditMount & { readonly source: string })[] {
  return mounts.filter(
    (mount): mount is AuditMount & { readonly source: string } => mount.type === "bind" && mount.source !== undefined,
  );
}

/** What `host` is said of. */
export function isHost(setting: Located<string> | undefined): boolean {
  return setting?.value === "host";
}
