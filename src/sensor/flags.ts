import type { Follow } from "./syscalls.ts";

// Flags of system calls: include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h, include/uapi/linux/fs.h.

export const O_ACCMODE = 0o3;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_PATH = 0o10000000;
/** O_TMPFILE without O_DIRECTORY, which it contains. */
export const O_TMPFILE_BIT = 0o20000000;
const O_NOFOLLOW = process.arch === "arm64" ? 0o100000 : 0o400000;
const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_FOLLOW = 0x400;
export const PERMISSION_BITS = 0o7777;
export const RENAME_EXCHANGE = 2;

/** Whether a call with these flags follows the last part of its path. */
export const FOLLOWS_LAST: Readonly<Record<Follow, (flags: number) => boolean>> = {
  always: () => true,
  never: () => false,
  unlessFlag: (flags) => (flags & AT_SYMLINK_NOFOLLOW) === 0,
  ifFlag: (flags) => (flags & AT_SYMLINK_FOLLOW) !== 0,
  open: (flags) => (flags & O_NOFOLLOW) === 0 && (flags & (O_CREAT | O_EXCL)) !== (O_CREAT | O_EXCL),
};
