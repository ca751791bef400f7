import koffi from "koffi";

const libc = koffi.load("libc.so.6");
const syscall5 = libc.func("long syscall(long number, int dirfd, const char *path, const void *how, size_t size)");
const readlinkat = libc.func("long readlinkat(int dirfd, const char *path, _Out_ uint8_t *text, size_t size)");
const openAt = libc.func("int open(const char *path, int flags)");
const closeFd = libc.func("int close(int fd)");
const mkfifo = libc.func("int mkfifo(const char *path, unsigned int mode)");

const SYS_OPENAT2 = 437;
const O_NOFOLLOW_X64 = 0o400000;
const O_NOFOLLOW_ARM64 = 0o100000;
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_NO_SYMLINKS = 0x04n;
const RESOLVE_BENEATH = 0x08n;
const ENOENT = 2;
const ENOTDIR = 20;

/** struct open_how: flags, mode, resolve. */
const NAMED_ITSELF = Buffer.alloc(24);
NAMED_ITSELF.writeBigUInt64LE(
  BigInt(O_PATH | O_CLOEXEC | (process.arch === "arm64" ? O_NOFOLLOW_ARM64 : O_NOFOLLOW_X64)),
  0,
);
NAMED_ITSELF.writeBigUInt64LE(RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, 16);

const text = Buffer.alloc(4096);

/** Opens a directory only to name things beneath it; -1 when it cannot be. Close with `close`. */
export function openDirectory(path: string): number {
  return openAt(path, O_PATH | O_CLOEXEC) as number;
}

export function close(fd: number): void {
  closeFd(fd);
}

/**
 * Target of the symlink at an absolute path beneath a directory; null when something else is there, undefined when nothing is.
 * No link on the way is followed, whatever the container's processes swap in meanwhile: the kernel refuses (openat2).
 */
export function readLinkBeneath(directory: number, path: string): string | null | undefined {
  const fd = syscall5(SYS_OPENAT2, directory, path.slice(1), NAMED_ITSELF, NAMED_ITSELF.length) as number;
  if (fd < 0) {
    const errno = koffi.errno();
    return errno === ENOENT || errno === ENOTDIR ? undefined : null;
  }
  const length = readlinkat(fd, "", text, text.length) as number;
  closeFd(fd);
  return length < 0 ? null : text.toString("utf8", 0, length);
}

/** Makes a named pipe that only its owner may use. Throws an Error when it cannot. */
export function makeFifo(path: string): void {
  if ((mkfifo(path, 0o600) as number) !== 0) throw new Error(`mkfifo ${path}: errno ${koffi.errno()}`);
}
