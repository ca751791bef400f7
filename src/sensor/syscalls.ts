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
  socketCall: 14,
  undecoded: 15,
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
  // The address lies behind the arguments that this one points to.
  socketcall: { kind: "socketCall", operation: "bind", follow: "never", args: { length: 1 } },
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

type Numbered = readonly (readonly [SystemCallName, number])[];

/** arch/x86/entry/syscalls/syscall_64.tbl; from 512 on the calls that x32 has of its own. */
// prettier-ignore
const X86_64: Numbered = [
  ["write", 1], ["open", 2], ["mmap", 9], ["mprotect", 10], ["pwrite64", 18], ["writev", 20], ["access", 21], ["sendfile", 40],
  ["bind", 49], ["execve", 59], ["truncate", 76], ["ftruncate", 77], ["rename", 82], ["mkdir", 83], ["rmdir", 84], ["creat", 85],
  ["link", 86], ["unlink", 87], ["symlink", 88], ["chmod", 90], ["fchmod", 91], ["chown", 92], ["fchown", 93], ["lchown", 94],
  ["utime", 132], ["mknod", 133], ["pivot_root", 155], ["mount", 165], ["umount2", 166], ["setxattr", 188], ["lsetxattr", 189],
  ["fsetxattr", 190], ["removexattr", 197], ["lremovexattr", 198], ["fremovexattr", 199], ["utimes", 235], ["openat", 257],
  ["mkdirat", 258], ["mknodat", 259], ["fchownat", 260], ["futimesat", 261], ["unlinkat", 263], ["renameat", 264], ["linkat", 265],
  ["symlinkat", 266], ["fchmodat", 268], ["faccessat", 269], ["splice", 275], ["utimensat", 280], ["fallocate", 285],
  ["pwritev", 296], ["open_by_handle_at", 304], ["renameat2", 316], ["execveat", 322], ["copy_file_range", 326], ["pwritev2", 328],
  ["pkey_mprotect", 329], ["io_uring_setup", 425], ["move_mount", 429], ["openat2", 437], ["faccessat2", 439],
  ["mount_setattr", 442], ["fchmodat2", 452], ["setxattrat", 463], ["removexattrat", 466], ["file_setattr", 469],
  ["writev", 516], ["execve", 520], ["pwritev", 535], ["execveat", 545], ["pwritev2", 547],
];

/** arch/x86/entry/syscalls/syscall_32.tbl; what has the same arguments under another name is put under ours. */
// prettier-ignore
const I386: Numbered = [
  ["write", 4], ["open", 5], ["creat", 8], ["link", 9], ["unlink", 10], ["execve", 11], ["mknod", 14], ["chmod", 15],
  ["lchown", 16], ["mount", 21], ["utime", 30], ["access", 33], ["rename", 38], ["mkdir", 39], ["rmdir", 40], ["umount2", 52],
  ["symlink", 83], ["truncate", 92], ["ftruncate", 93], ["fchmod", 94], ["fchown", 95], ["socketcall", 102], ["mprotect", 125],
  ["writev", 146], ["pwrite64", 181], ["chown", 182], ["sendfile", 187], ["mmap", 192], ["truncate", 193], ["ftruncate", 194],
  ["lchown", 198], ["fchown", 207], ["chown", 212], ["pivot_root", 217], ["setxattr", 226], ["lsetxattr", 227],
  ["fsetxattr", 228], ["removexattr", 235], ["lremovexattr", 236], ["fremovexattr", 237], ["sendfile", 239], ["utimes", 271],
  ["openat", 295], ["mkdirat", 296], ["mknodat", 297], ["fchownat", 298], ["futimesat", 299], ["unlinkat", 301],
  ["renameat", 302], ["linkat", 303], ["symlinkat", 304], ["fchmodat", 306], ["faccessat", 307], ["splice", 313],
  ["utimensat", 320], ["fallocate", 324], ["pwritev", 334], ["open_by_handle_at", 342], ["renameat2", 353], ["execveat", 358],
  ["bind", 361], ["copy_file_range", 377], ["pwritev2", 379], ["pkey_mprotect", 380], ["utimensat", 412],
  ["io_uring_setup", 425], ["move_mount", 429], ["openat2", 437], ["faccessat2", 439], ["mount_setattr", 442],
  ["fchmodat2", 452], ["setxattrat", 463], ["removexattrat", 466], ["file_setattr", 469],
];

/** include/uapi/asm-generic/unistd.h */
// prettier-ignore
const ARM64: Numbered = [
  ["setxattr", 5], ["lsetxattr", 6], ["fsetxattr", 7], ["removexattr", 14], ["lremovexattr", 15], ["fremovexattr", 16],
  ["mknodat", 33], ["mkdirat", 34], ["unlinkat", 35], ["symlinkat", 36], ["linkat", 37], ["renameat", 38], ["umount2", 39],
  ["mount", 40], ["pivot_root", 41], ["truncate", 45], ["ftruncate", 46], ["fallocate", 47], ["faccessat", 48], ["fchmod", 52],
  ["fchmodat", 53], ["fchownat", 54], ["fchown", 55], ["openat", 56], ["write", 64], ["writev", 66], ["pwrite64", 68],
  ["pwritev", 70], ["sendfile", 71], ["splice", 76], ["utimensat", 88], ["bind", 200], ["execve", 221], ["mmap", 222],
  ["mprotect", 226], ["open_by_handle_at", 265], ["renameat2", 276], ["execveat", 281], ["copy_file_range", 285],
  ["pwritev2", 287], ["pkey_mprotect", 288], ["io_uring_setup", 425], ["move_mount", 429], ["openat2", 437],
  ["faccessat2", 439], ["mount_setattr", 442], ["fchmodat2", 452], ["setxattrat", 463], ["removexattrat", 466],
  ["file_setattr", 469],
];

/** include/uapi/linux/io_uring.h: what a ring can ask for that a call could do too, with the fields of that call. */
// prettier-ignore
export const RING_OPERATIONS: Numbered = [
  ["writev", 2], ["write", 5], ["fallocate", 17], ["openat", 18], ["write", 23], ["openat2", 28], ["splice", 30],
  ["renameat2", 35], ["unlinkat", 36], ["mkdirat", 37], ["symlinkat", 38], ["linkat", 39], ["fsetxattr", 41],
  ["setxattr", 42], ["ftruncate", 55], ["bind", 56], ["writev", 61],
];

/** What an architecture brings: numbers of its own calls, and of the 32-bit calls it can run beside them. */
export interface CallNumbers {
  readonly native: Numbered;
  /** `undecoded`: any of them makes a recording incomplete. */
  readonly compat: Numbered | "undecoded";
}
export const CALL_NUMBERS: Readonly<Partial<Record<string, CallNumbers>>> = {
  x64: { native: X86_64, compat: I386 },
  arm64: { native: ARM64, compat: "undecoded" },
};

export const CALL_BYTES = 16;
const NONE = -1;

const NUMBER_AT = 10;

/** The row of a call as bpf/record.h has it (struct call); `number` where the row stands under another one. */
export function encodeCall(name: SystemCallName, number = 0): Buffer {
  const call: SystemCall = SYSTEM_CALLS[name];
  const row = Buffer.alloc(CALL_BYTES);
  const args = Object.values(call.args ?? {});
  row[0] = KIND[call.kind];
  row[1] = (call.special === undefined ? 0 : FLAG[call.special]) | (call.follow === "never" ? 0 : FLAG.follows);
  [call.fd, call.dirfd, call.path, call.dirfd2, call.path2, args[0], args[1], args[2]].forEach((position, index) =>
    row.writeInt8(position ?? NONE, 2 + index),
  );
  row.writeUInt16LE(number, NUMBER_AT);
  return row;
}

/** The row of a call that is only counted. */
export const UNDECODED_CALL = Buffer.from([KIND.undecoded, ...Array<number>(CALL_BYTES - 1).fill(0)]);

/** Rows in each of the kernel's tables of system calls. */
export const CALL_ROWS = 1024;

/** Names by number, for decoding. */
export interface CallNames {
  readonly native: ReadonlyMap<number, SystemCallName>;
  readonly compat: ReadonlyMap<number, SystemCallName>;
}

export function callNames({ native, compat }: CallNumbers): CallNames {
  return { native: byNumber(native), compat: byNumber(compat === "undecoded" ? [] : compat) };
}

function byNumber(calls: Numbered): ReadonlyMap<number, SystemCallName> {
  return new Map(calls.map(([name, number]) => [number, name]));
}
