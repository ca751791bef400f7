import koffi from "koffi";
import type { Socket } from "node:net";

const libc = koffi.load("libc.so.6");
const getsockopt = libc.func(
  "int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)",
);
const setsockopt = libc.func("int setsockopt(int fd, int level, int name, const int *value, uint32_t length)");
const poll = libc.func("int poll(_Inout_ uint8_t *fds, unsigned long count, int timeoutMs)");
/** struct pollfd: int fd, short events, short revents. */
const POLLFD_BYTES = 8;
const POLLHUP = 0x10;
/** asm-generic/socket.h: of x86-64 and arm64. */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_SNDBUFFORCE = 32;

/** An option of a socket, as the kernel gives it; undefined when it does not, or not in this length. */
export function socketOption(socket: Socket, name: number, length: number): Buffer | undefined {
  const fd = descriptor(socket);
  if (fd === undefined) return undefined;
  const value = Buffer.alloc(length);
  const got = [length];
  return (getsockopt(fd, SOL_SOCKET, name, value, got) as number) === 0 && got[0] === length ? value : undefined;
}

/**
 * Lets more bytes wait in the kernel for the other end. The usual 208 KiB of a Unix socket run dry before a sender that was told to
 * wait is woken (at a quarter, unix_writable of the kernel's af_unix.c). More than the host's limit only as root; else that.
 */
export function enlargeSendBuffer(socket: Socket, sizeBytes: number): void {
  const fd = descriptor(socket);
  if (fd === undefined) return;
  const size = [sizeBytes];
  if ((setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, size, 4) as number) !== 0)
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, size, 4);
}

/**
 * Whether the other end has closed in both directions, and can neither send nor hear anything. An end of file alone does not tell:
 * a client that has said all shuts down one direction, and listens on (unix_poll of the kernel's af_unix.c).
 */
export function hasHungUp(socket: Socket): boolean {
  const fd = descriptor(socket);
  if (fd === undefined) return true;
  const entry = Buffer.alloc(POLLFD_BYTES);
  entry.writeInt32LE(fd, 0);
  return (poll(entry, 1, 0) as number) > 0 && (entry.readInt16LE(6) & POLLHUP) !== 0;
}

/** Node has no public way to it; libuv's handle tells it (Pipe.fd). */
function descriptor(socket: Socket): number | undefined {
  const handle = Reflect.get(socket, "_handle") as { readonly fd?: unknown } | null | undefined;
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}
