/** What a process asked the kernel to change (or, for `read` and the two `exec` kinds, to use). */
export const OPERATIONS = [
  "open", // open for writing; `created` tells a new file, `truncated` an emptied one
  "mkdir",
  "rmdir",
  "unlink",
  "rename", // path -> path2
  "link", // path2 is the new name of path
  "symlink",
  "mknod",
  "bind", // unix socket
  "chmod",
  "chown",
  "utimes",
  "xattr",
  "truncate",
  "fallocate",
  "write",
  "access", // access(2) with W_OK: many programs give up a function on its answer without ever trying to write
  "read", // open for reading of a file that changed since the sensor's epoch: the evidence for persistence
  "exec",
  "mapexec", // mmap or mprotect with PROT_EXEC of a file
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Symbolic errno, e.g. `"EROFS"`; `0` is success. */
export type Result = 0 | Errno;
export type Errno = string;

export interface ProcessRef {
  /** Pid as the host sees it. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Thread name at the time of the event (15 bytes). */
  readonly comm: string;
  /** Path of the executable in the container, as given to the last exec seen; absent when none was seen. */
  readonly exe?: string;
}

/** One attempt to change a file system, exactly as one system call made it, or the kernel's total for one file. */
export interface WriteEvent {
  /** Full container id (64 hex digits), or the name the sensor was armed with. */
  readonly container: string;
  /** CLOCK_MONOTONIC. */
  readonly timeNs: bigint;
  readonly operation: Operation;
  /** System call name, e.g. `renameat2`. */
  readonly syscall: string;
  readonly result: Result;
  /** Absolute, normalised, symlinks of every parent resolved (and of the last part when the call follows it), as the container sees it. */
  readonly path: string;
  /** The other end of rename and link (the new name); the text a symlink points to is `target`. */
  readonly path2?: string;
  readonly target?: string;
  readonly process: ProcessRef;
  /** Mount the path is on; absent when no mount table was known. */
  readonly mount?: MountRef;
  /** For rename and link: mount of `path2`. */
  readonly mount2?: MountRef;
  readonly inode?: InodeRef;
  /** open: made the file. */
  readonly created?: boolean;
  /** open: asked for O_CREAT (also when the file existed or the call failed). */
  readonly wantsCreate?: boolean;
  /** open: emptied the file. */
  readonly truncated?: boolean;
  /** open: for reading as well (O_RDWR). */
  readonly reads?: true;
  /** Bytes written to this inode so far, summed in the kernel. */
  readonly bytes?: number;
  /** Apparent size of the file after the call. */
  readonly sizeBytes?: number;
  /** Permission bits: asked for by mkdir, mknod, chmod; of the file after open. Octal meaning, e.g. 0o644. */
  readonly mode?: number;
  /** chown: asked for; -1 leaves it. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** The path could not be read or was cut: it is not to be trusted. */
  readonly pathUncertain?: true;
}

export interface MountRef {
  /** Mount point in the container; `/` is the root file system. */
  readonly target: string;
  /** `overlay`, `tmpfs`, `ext4`, `proc`, ... as in mountinfo. */
  readonly fsType: string;
  /** The mount table's own flag, not what the file system allows. */
  readonly readOnly: boolean;
}

export interface InodeRef {
  readonly dev: number;
  readonly ino: bigint;
  readonly type: FileType;
}
export const FILE_TYPES = ["file", "dir", "symlink", "socket", "fifo", "device", "other"] as const;
export type FileType = (typeof FILE_TYPES)[number];

/** Everything that can make a recording miss something; all zero means that nothing was missed. */
export interface LossCounters {
  /** Events that found the ring full. */
  readonly ringFull: number;
  /** Program runs that the kernel skipped. */
  readonly recursionMisses: number;
  /** Inodes whose byte totals were pushed out of the kernel's table. */
  readonly evictedInodes: number;
  /** Paths that could not be read from the process, or were longer than the sensor walks. */
  readonly unreadablePaths: number;
  /** io_uring instances set up: their writes are not decoded. */
  readonly ioUringSetups: number;
  /** System calls by 32-bit or x32 code that could be writes: not decoded. */
  readonly compatCalls: number;
}
export const NO_LOSS: LossCounters = {
  ringFull: 0,
  recursionMisses: 0,
  evictedInodes: 0,
  unreadablePaths: 0,
  ioUringSetups: 0,
  compatCalls: 0,
};
