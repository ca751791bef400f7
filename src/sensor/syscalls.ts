import type { Operation } from "../model/event.ts";

/** bpf/record.h, enum call_kind. */
const KIND = {
  open: 1,
  path: 2,
  twoPaths: 3,
  symlink: 4,
  fd: 5,
  write: 6,
  bind: 7,
  access: 8,
  mmap: 9,
  mprotect: 10,
  exec: 11,
  ioUring: 12,
  mounts: 13,
} as const;

/** bpf/record.h, enum call_flag. */
const FLAG = { openHow: 1, impliedCreate: 2, byHandle: 4, follows: 8 } as const;

/**
 * Whether the last part of the path is followed when it is a symlink: path_resolution(7) and the page of each call.
 * `unlessFlag`: not with AT_SYMLINK_NOFOLLOW; `ifFlag`: only with AT_SYMLINK_FOLLOW; `open`: by its own flags.
 */
export type Follow = "always" | "never" | "unlessFlag" | "ifFlag" | "open";

/** A system call that changes a file system: where its arguments are (positions from 0) and what they mean. */
export interface SystemCall {
  readonly kind: keyof typeof KIND;
  readonly operation?: Operation;
  readonly follow?: Follow;
  readonly fd?: number;
  readonly dirfd?: number;
  readonly path?: number;
  readonly dirfd2?: number;
  readonly path2?: number;
  /** At most three, delivered in this order. */
  readonly args?: Readonly<Partial<Record<ArgumentName, number>>>;
  readonly special?: "openHow" | "impliedCreate" | "byHandle";
}
export type ArgumentName = "flags" | "mode" | "uid" | "gid" | "length" | "mapFlags";

/** Every call the sensor decodes, by name; numbers are per architecture, below. */
export const SYSTEM_CALLS = {
  open: { kind: "open", operation: "open", follow: "open", path: 0, args: { flags: 1, mode: 2 } },
  openat: { kind: "open", operation: "open", follow: "open", dirfd: 0, path: 1, args: { flags: 2, mode: 3 } },
  openat2: {
    kind: "open",
    operation: "open",
    follow: "open",
    dirfd: 0,
    path: 1,
    args: { flags: 2 },
    special: "openHow",
  },
  creat: { kind: "open", operation: "open", follow: "open", path: 0, args: { flags: 1 }, special: "impliedCreate" },
  open_by_handle_at: { kind: "open", operation: "open", args: { flags: 2 }, special: "byHandle" },

  mkdir: { kind: "path", operation: "mkdir", follow: "never", path: 0, args: { mode: 1 } },
  mkdirat: { kind: "path", operation: "mkdir", follow: "never", dirfd: 0, path: 1, args: { mode: 2 } },
  rmdir: { kind: "path", operation: "rmdir", follow: "never", path: 0 },
  unlink: { kind: "path", operation: "unlink", follow: "never", path: 0 },
  unlinkat: { kind: "path", operation: "unlink", follow: "never", dirfd: 0, path: 1, args: { flags: 2 } },
  mknod: { kind: "path", operation: "mknod", follow: "never", path: 0, args: { mode: 1 } },
  mknodat: { kind: "path", operation: "mknod", follow: "never", dirfd: 0, path: 1, args: { mode: 2 } },

  rename: { kind: "twoPaths", operation: "rename", follow: "never", path: 0, path2: 1 },
  renameat: { kind: "twoPaths", operation: "rename", follow: "never", dirfd: 0, path: 1, dirfd2: 2, path2: 3 },
  renameat2: {
    kind: "twoPaths",
    operation: "rename",
    follow: "never",
    dirfd: 0,
    path: 1,
    dirfd2: 2,
    path2: 3,
    args: { flags: 4 },
  },
  link: { kind: "twoPaths", operation: "link", follow: "never", path: 0, path2: 1 },
  linkat: {
    kind: "twoPaths",
    operation: "link",
    follow: "ifFlag",
    dirfd: 0,
    path: 1,
    dirfd2: 2,
    path2: 3,
    args: { flags: 4 },
  },
  symlink: { kind: "symlink", operation: "symlink", follow: "never", path2: 0, path: 1 },
  symlinkat: { kind: "symlink", operation: "symlink", follow: "never", path2: 0, dirfd: 1, path: 2 },

  chmod: { kind: "path", operation: "chmod", follow: "always", path: 0, args: { mode: 1 } },
  fchmod: { kind: "fd", operation: "chmod", fd: 0, args: { mode: 1 } },
  fchmodat: { kind: "path", operation: "chmod", follow: "always", dirfd: 0, path: 1, args: { mode: 2 } },
  fchmodat2: { kind: "path", operation: "chmod", follow: "unlessFlag", dirfd: 0, path: 1, args: { mode: 2, flags: 3 } },
  chown: { kind: "path", operation: "chown", follow: "always", path: 0, args: { uid: 1, gid: 2 } },
  lchown: { kind: "path", operation: "chown", follow: "never", path: 0, args: { uid: 1, gid: 2 } },
  fchown: { kind: "fd", operation: "chown", fd: 0, args: { uid: 1, gid: 2 } },
  fchownat: {
    kind: "path",
    operation: "chown",
    follow: "unlessFlag",
    dirfd: 0,
    path: 1,
    args: { uid: 2, gid: 3, flags: 4 },
  },

  truncate: { kind: "path", operation: "truncate", follow: "always", path: 0, args: { length: 1 } },
  ftruncate: { kind: "fd", operation: "truncate", fd: 0, args: { length: 1 } },
  fallocate: { kind: "fd", operation: "fallocate", fd: 0, args: { flags: 1, length: 3 } },

  utime: { kind: "path", operation: "utimes", follow: "always", path: 0 },
  utimes: { kind: "path", operation: "utimes", follow: "always", path: 0 },
  futimesat: { kind: "path", operation: "utimes", follow: "always", dirfd: 0, path: 1 },
  utimensat: { kind: "path", operation: "utimes", follow: "unlessFlag", dirfd: 0, path: 1, args: { flags: 3 } },

  setxattr: { kind: "path", operation: "xattr", follow: "always", path: 0 },
  lsetxattr: { kind: "path", operation: "xattr", follow: "never", path: 0 },
  fsetxattr: { kind: "fd", operation: "xattr", fd: 0 },
  setxattrat: { kind: "path", operation: "xattr", follow: "unlessFlag", dirfd: 0, path: 1, args: { flags: 2 } },
  removexattr: { kind: "path", operation: "xattr", follow: "always", path: 0 },
  lremovexattr: { kind: "path", operation: "xattr", follow: "never", path: 0 },
  fremovexattr: { kind: "fd", operation: "xattr", fd: 0 },
  removexattrat: { kind: "path", operation: "xattr", follow: "unlessFlag", dirfd: 0, path: 1, args: { flags: 2 } },
  // Inode flags and project id: chattr(1) without an ioctl.
  file_setattr: { kind: "path", operation: "xattr", follow: "unlessFlag", dirfd: 0, path: 1, args: { flags: 4 } },

  write: { kind: "write", operation: "write", fd: 0 },
  pwrite64: { kind: "write", operation: "write", fd: 0 },
  writev: { kind: "write", operation: "write", fd: 0 },
  pwritev: { kind: "write", operation: "write", fd: 0 },
  pwritev2: { kind: "write", operation: "write", fd: 0 },
  sendfile: { kind: "write", operation: "write", fd: 0 },
  splice: { kind: "write", operation: "write", fd: 2 },
  copy_file_range: { kind: "write", operation: "write", fd: 2 },

  bind: { kind: "bind", operation: "bind", follow: "never", path: 1, args: { length: 2 } },
  access: { kind: "access", operation: "access", follow: "always", path: 0, args: { mode: 1 } },
  faccessat: { kind: "access", operation: "access", follow: "always", dirfd: 0, path: 1, args: { mode: 2 } },
  faccessat2: {
    kind: "access",
    operation: "access",
    follow: "unlessFlag",
    dirfd: 0,
    path: 1,
    args: { mode: 2, flags: 3 },
  },

  mmap: { kind: "mmap", operation: "mapexec", fd: 4, args: { mode: 2, mapFlags: 3 } },
  // The address stands where others have a descriptor: it names the file.
  mprotect: { kind: "mprotect", operation: "mapexec", fd: 0, args: { mode: 2 } },
  pkey_mprotect: { kind: "mprotect", operation: "mapexec", fd: 0, args: { mode: 2 } },
  execve: { kind: "exec", operation: "exec", follow: "always", path: 0 },
  execveat: { kind: "exec", operation: "exec", follow: "unlessFlag", dirfd: 0, path: 1, args: { flags: 4 } },

  io_uring_setup: { kind: "ioUring" },
  mount: { kind: "mounts" },
  umount2: { kind: "mounts" },
  pivot_root: { kind: "mounts" },
  move_mount: { kind: "mounts" },
  mount_setattr: { kind: "mounts" },
} as const satisfies Record<string, SystemCall>;
export type SystemCallName = keyof typeof SYSTEM_CALLS;

/** arch/x86/entry/syscalls/syscall_64.tbl */
// prettier-ignore
const X86_64: Readonly<Record<SystemCallName, number>> = {
  write: 1, open: 2, mmap: 9, mprotect: 10, pwrite64: 18, writev: 20, access: 21, sendfile: 40, bind: 49, execve: 59,
  truncate: 76, ftruncate: 77, rename: 82, mkdir: 83, rmdir: 84, creat: 85, link: 86, unlink: 87, symlink: 88, chmod: 90,
  fchmod: 91, chown: 92, fchown: 93, lchown: 94, utime: 132, mknod: 133, pivot_root: 155, mount: 165, umount2: 166, setxattr: 188,
  lsetxattr: 189, fsetxattr: 190, removexattr: 197, lremovexattr: 198, fremovexattr: 199, utimes: 235, openat: 257,
  mkdirat: 258, mknodat: 259, fchownat: 260, futimesat: 261, unlinkat: 263, renameat: 264, linkat: 265, symlinkat: 266,
  fchmodat: 268, faccessat: 269, splice: 275, utimensat: 280, fallocate: 285, pwritev: 296, open_by_handle_at: 304,
  renameat2: 316, execveat: 322, copy_file_range: 326, pwritev2: 328, pkey_mprotect: 329, io_uring_setup: 425,
  openat2: 437, move_mount: 429, faccessat2: 439, mount_setattr: 442, fchmodat2: 452, setxattrat: 463, removexattrat: 466, file_setattr: 469,
};

/** arch/x86/entry/syscalls/syscall_32.tbl; what has the same arguments under another name is put under ours. */
// prettier-ignore
const I386: readonly (readonly [SystemCallName, number])[] = [
  ["write", 4], ["open", 5], ["creat", 8], ["link", 9], ["unlink", 10], ["mknod", 14], ["chmod", 15], ["lchown", 16],
  ["utime", 30], ["rename", 38], ["mkdir", 39], ["rmdir", 40], ["symlink", 83], ["truncate", 92], ["ftruncate", 93],
  ["fchmod", 94], ["fchown", 95], ["writev", 146], ["pwrite64", 181], ["chown", 182], ["sendfile", 187],
  ["truncate", 193], ["ftruncate", 194], ["lchown", 198], ["fchown", 207], ["chown", 212], ["setxattr", 226],
  ["lsetxattr", 227], ["fsetxattr", 228], ["removexattr", 235], ["lremovexattr", 236], ["fremovexattr", 237],
  ["sendfile", 239], ["utimes", 271], ["openat", 295], ["mkdirat", 296], ["mknodat", 297], ["fchownat", 298],
  ["futimesat", 299], ["unlinkat", 301], ["renameat", 302], ["linkat", 303], ["symlinkat", 304], ["fchmodat", 306],
  ["splice", 313], ["utimensat", 320], ["fallocate", 324], ["pwritev", 334], ["renameat2", 353], ["bind", 361],
  ["copy_file_range", 377], ["pwritev2", 379], ["utimensat", 412], ["io_uring_setup", 425], ["openat2", 437],
  ["fchmodat2", 452], ["setxattrat", 463], ["removexattrat", 466], ["file_setattr", 469],
];

/** What an architecture brings: numbers of its own calls, and of the 32-bit calls it can run beside them. */
export interface CallNumbers {
  readonly native: Readonly<Record<SystemCallName, number>>;
  readonly compat: readonly (readonly [SystemCallName, number])[];
}
export const CALL_NUMBERS: Readonly<Partial<Record<string, CallNumbers>>> = {
  x64: { native: X86_64, compat: I386 },
};

export const CALL_BYTES = 16;
const NONE = -1;

/** The row of a call as bpf/record.h has it (struct call). */
export function encodeCall(name: SystemCallName): Buffer {
  const call: SystemCall = SYSTEM_CALLS[name];
  const row = Buffer.alloc(CALL_BYTES);
  const args = Object.values(call.args ?? {});
  row[0] = KIND[call.kind];
  row[1] = (call.special === undefined ? 0 : FLAG[call.special]) | (call.follow === "never" ? 0 : FLAG.follows);
  [call.fd, call.dirfd, call.path, call.dirfd2, call.path2, args[0], args[1], args[2]].forEach((position, index) =>
    row.writeInt8(position ?? NONE, 2 + index),
  );
  return row;
}

/** Names by number, for decoding. */
export function callNames(numbers: CallNumbers): ReadonlyMap<number, SystemCallName> {
  return new Map(Object.entries(numbers.native).map(([name, number]) => [number, name as SystemCallName]));
}
