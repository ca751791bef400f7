import net from "node:net";
import type { Target } from "./netns-protocol.ts";

/**
 * Copies each connection of `listener` to and from the target of that moment. Either side may end its half first; a reset
 * on one side is a reset on the other, so that a client can tell a service that is not there from one that has finished.
 * The result stops accepting.
 */
export function forwardTcp(listener: net.Server, target: () => Target | undefined): () => void {
  // The server that came over the channel closes both halves at once; its handle can serve one that does not.
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const to = target();
    if (to === undefined) return void client.on("error", () => undefined).resetAndDestroy();
    return splice(client, net.connect({ ...to, allowHalfOpen: true, noDelay: true }));
  });
  server.listen(listener);
  return () => void server.close();
}

/** Joins two connections, both with `allowHalfOpen`, until both are closed. */
export function splice(left: net.Socket, right: net.Socket): void {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.pipe(to);
    from.on("error", () => reset(to));
    from.on("close", () => {
      if (!from.readableEnded) reset(to);
    });
  }
}

/** A socket that is still connecting has nothing to reset. */
function reset(socket: net.Socket): void {
  if (socket.connecting || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
