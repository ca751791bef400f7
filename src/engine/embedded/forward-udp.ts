import dgram from "node:dgram";
import type { Target } from "./netns-protocol.ts";

/** As long as Linux remembers a two-way UDP flow in connection tracking (nf_conntrack_udp_timeout_stream). */
const IDLE_MS = 120_000;
/** Each client costs a socket: senders of forged addresses must not use them up. The one that was quiet longest goes. */
const MAX_CLIENTS = 1024;

interface Client {
  readonly socket: dgram.Socket;
  lastUsedMs: number;
}

/** Copies datagrams of `outside` to the target of that moment, from one socket per client, so that answers find back. */
export function forwardUdp(outside: dgram.Socket, target: () => Target | undefined): () => void {
  const clients = new Map<string, Client>();
  const drop = (key: string): void => {
    clients.get(key)?.socket.close();
    clients.delete(key);
  };
  outside.on("message", (message, { address, port }) => {
    const to = target();
    if (to === undefined) return;
    // A new target (the container was restarted) is a new association.
    const key = `${address} ${port} ${to.host} ${to.port}`;
    let client = clients.get(key);
    if (client === undefined) {
      client = { socket: dgram.createSocket(net6(to.host) ? "udp6" : "udp4"), lastUsedMs: 0 };
      client.socket.on("message", (reply) => outside.send(reply, port, address));
      // Nothing listens there (an ICMP answer came back): UDP has no way to tell the client.
      client.socket.on("error", () => drop(key));
      client.socket.connect(to.port, to.host);
    }
    client.lastUsedMs = performance.now();
    // Back to the end: the order of the map is that of the last use.
    clients.delete(key);
    clients.set(key, client);
    const [quietest] = clients.keys();
    if (clients.size > MAX_CLIENTS && quietest !== undefined) drop(quietest);
    send(client.socket, message);
  });
  const expiry = setInterval(() => {
    for (const [key, { lastUsedMs }] of clients) if (performance.now() - lastUsedMs > IDLE_MS) drop(key);
  }, IDLE_MS / 4);
  return () => {
    clearInterval(expiry);
    for (const key of clients.keys()) drop(key);
    outside.close();
  };
}

function send(socket: dgram.Socket, message: Buffer): void {
  const now = (): void => socket.send(message, () => undefined);
  try {
    socket.remoteAddress();
    now();
  } catch {
    socket.once("connect", now);
  }
}
function net6(host: string): boolean {
  return host.includes(":");
}
