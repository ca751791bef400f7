import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";

/**
 * Lets a server listen on a Unix socket with this mode, never wider for a moment. A socket that nobody listens on any more, as a
 * killed process leaves it, is replaced; one that answers, and what is no socket, stays and lets this throw (EADDRINUSE).
 */
export async function listenUnix(server: Server, path: string, mode: number): Promise<void> {
  if (isSocket(path) && !(await answers(path))) unlinkSync(path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  const mask = process.umask(0o777 & ~mode);
  try {
    // The socket is made before this returns.
    server.listen(path, resolve);
  } finally {
    process.umask(mask);
  }
  await promise;
  server.off("error", reject);
  chmodSync(path, mode);
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
