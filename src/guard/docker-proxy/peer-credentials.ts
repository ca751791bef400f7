import koffi from "koffi";
import type { Socket } from "node:net";
import type { Caller } from "../../policy/request.ts";

const libc = koffi.load("libc.so.6");
const getsockopt = libc.func(
  "int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)",
);
/** asm-generic/socket.h: of x86-64 and arm64. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** struct ucred: pid, uid, gid. */
const LENGTH = 12;
/** What the kernel gives for an owner that this user namespace does not know: (uid_t)-1. */
const NOBODY = 0xffff_ffff;

/** Who connected to a Unix socket, at that moment; nobody when the kernel does not say. */
export function peerCredentials(socket: Socket): Caller {
  const fd = descriptor(socket);
  if (fd === undefined) return {};
  const value = Buffer.alloc(LENGTH);
  const length = [LENGTH];
  if ((getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, length) as number) !== 0 || length[0] !== LENGTH) return {};
  const pid = value.readInt32LE(0);
  const uid = value.readUInt32LE(4);
  const gid = value.readUInt32LE(8);
  if (uid === NOBODY || gid === NOBODY) return {};
  return { uid, gid, ...(pid > 0 && { pid }) };
}

/** Node has no public way to it; libuv's handle tells it (Pipe.fd). */
function descriptor(socket: Socket): number | undefined {
  const handle = Reflect.get(socket, "_handle") as { readonly fd?: unknown } | null | undefined;
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}
