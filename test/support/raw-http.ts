import { connect } from "node:net";

/** How long a server may say nothing more before its answer counts as whole: it need not close. */
const QUIET_MS = 1500;

/** Sends bytes as they are over a connection of their own, and returns all that comes back until it closes or is quiet. */
export async function sendRaw(socketPath: string, bytes: Buffer, quietMs = QUIET_MS): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(socketPath);
  const pieces: Buffer[] = [];
  socket.setTimeout(quietMs, () => socket.destroy());
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  // A server that refuses closes while more is on its way.
  socket.on("error", () => {});
  socket.on("close", () => resolve());
  socket.write(bytes);
  await promise;
  return Buffer.concat(pieces).toString("utf8");
}
