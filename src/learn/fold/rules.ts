import type { Errno, FileType, MountRef, Operation, WriteEvent } from "../../model/event.ts";
import type { PhaseName } from "../../model/profile.ts";
import { isSupervisorsRecord } from "../../strategy/rules/supervised.ts";

/** Calls that change nothing: of interest only where the run wrote something. */
export const USES: ReadonlySet<Operation> = new Set(["read", "exec", "mapexec"]);

/** Kernel interfaces: what is written there never reaches a disk, and is writable or not whatever the root is. */
const INTERFACE_FILE_SYSTEMS: ReadonlySet<string> = new Set(
  (
    "proc sysfs cgroup cgroup2 devpts devtmpfs mqueue securityfs debugfs tracefs bpf " +
    "configfs fusectl pstore binfmt_misc hugetlbfs efivarfs selinuxfs nsfs"
  ).split(" "),
);
const INTERFACE_FOLDERS: readonly string[] = ["/proc", "/sys", "/dev"];
/** An ordinary tmpfs that applications store in, although it lies below /dev. */
const SHARED_MEMORY = "/dev/shm";

/** Whether a path belongs to the kernel or the runtime, and not to what a strategy decides about. */
export function isKernelInterface(path: string, mount: MountRef | undefined): boolean {
  if (isWithin(path, SHARED_MEMORY)) return false;
  // A volume somebody mounted below /dev is on a file system of its own and stays.
  if (mount !== undefined && INTERFACE_FILE_SYSTEMS.has(mount.fsType)) return true;
  if (mount !== undefined && mount.target !== "/" && mount.fsType !== "tmpfs") return false;
  return INTERFACE_FOLDERS.some((folder) => isWithin(path, folder));
}

/** Whether `path` is `folder` or below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || (path.startsWith(folder) && path[folder.length] === "/");
}

interface NoiseRule {
  readonly errnos: readonly Errno[];
  /** Absent: any. */
  readonly operations?: readonly Operation[];
  readonly unless?: (event: WriteEvent, shipped: boolean) => boolean;
}

/**
 * Failures that say nothing about where a workload may write.
 * A failed look-up stays one on a read-only mount. Not so for unlink, rmdir and rename: they ask for write access to the mount
 * before they look for the name (fs/namei.c, do_unlinkat), so their ENOENT turns into EROFS, and verify must know it was harmless.
 */
const NOISE: readonly NoiseRule[] = [
  { errnos: ["EINTR", "EAGAIN", "EFAULT", "EBADF", "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND"] },
  { errnos: ["EEXIST"], operations: ["open", "mkdir", "mknod", "symlink", "link", "bind"] },
  { errnos: ["EISDIR"], operations: ["open", "truncate"] },
  // No reader at the other end of a FIFO: chance.
  { errnos: ["ENXIO"], operations: ["open"] },
  {
    errnos: ["ENOENT", "ENOTDIR"],
    operations: ["open", "access", "chmod", "chown", "utimes", "xattr", "truncate", "read", "exec", "mapexec", "link"],
    // Of a file that the image ships it means that a mount hides it; with O_CREAT, that the directory is missing.
    unless: (event, shipped) => shipped || event.wantsCreate === true,
  },
];

/** Whether a failed event says nothing; `shipped` is whether the image has the path. */
export function isNoise(event: WriteEvent, shipped: boolean): boolean {
  if (event.result === 0) return false;
  for (const { errnos, operations, unless } of NOISE)
    if (errnos.includes(event.result) && (operations?.includes(event.operation) ?? true))
      return unless === undefined || !unless(event, shipped);
  return false;
}

/** Whether what a mount holds is still there when `phase` begins. The root lives as long as its container, a tmpfs as long as one run. */
export function outlives(phase: PhaseName, mount: string, mountType: string): boolean {
  if (mountType === "tmpfs" || mountType === "ramfs") return false;
  return phase !== "replace" || mount !== "/";
}

/** Read again after a restart, but rebuilt or worthless when missing: never the proof that data must persist. */
const NOT_DATA_FOLDERS: readonly string[] = ["/run", "/var/run", "/tmp", "/var/tmp", SHARED_MEMORY];
const NOT_DATA_NAMES: readonly RegExp[] = [
  /\.pid(file)?$/i,
  /^pid(file)?$/i,
  /\.(lock|lockfile|lck|sock|socket)$/i,
  /^\.?(lock|lck)$/i,
  /^\.s\.PGSQL\./,
];
/** Directories of such files, whatever the files are called (Postfix: `pid/unix.cleanup`). */
const NOT_DATA_DIRECTORY = /\/(?:pids?|locks?)\/[^/]+$/;
const DATA_TYPES: ReadonlySet<FileType> = new Set<FileType>(["file", "other", "symlink"]);

/** Whether reading this path back after a restart shows that its content must persist. */
export function canHoldData(path: string, type: FileType): boolean {
  if (!DATA_TYPES.has(type) || NOT_DATA_FOLDERS.some((folder) => isWithin(path, folder))) return false;
  if (NOT_DATA_DIRECTORY.test(path) || isSupervisorsRecord(path)) return false;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return !NOT_DATA_NAMES.some((pattern) => pattern.test(name));
}

/** What a path is when nothing else tells: by the call that tried to make it. */
export const TYPE_BY_OPERATION: Readonly<Partial<Record<Operation, FileType>>> = {
  open: "file",
  truncate: "file",
  fallocate: "file",
  write: "file",
  read: "file",
  exec: "file",
  mapexec: "file",
  mkdir: "dir",
  rmdir: "dir",
  symlink: "symlink",
  bind: "socket",
};
