import type { Socket } from "node:net";
import type { Caller } from "../../policy/request.ts";
import { socketOption } from "./socket-options.ts";

const SO_PEERCRED = 17;
/** struct ucred: pid, uid, gid. */
const UCRED_BYTES = 12;
/** What the kernel gives for an owner that is none: (uid_t)-1. */
const NOBODY = 0xffff_ffff;

/** Who connected to a Unix socket, at that moment; nobody when the kernel does not say. */
export function peerCredentials(socket: Socket): Caller {
  const value = socketOption(socket, SO_PEERCRED, UCRED_BYTES);
  if (value === undefined) return {};
  const pid = value.readInt32LE(0);
  const uid = value.readUInt32LE(4);
  const gid = value.readUInt32LE(8);
  if (uid === NOBODY || gid === NOBODY) return {};
  return { uid, gid, ...(pid > 0 && { pid }) };
}
