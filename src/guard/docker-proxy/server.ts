import { createServer, type Server, type Socket } from "node:net";
import type { Gate } from "../api-call.ts";
import { Connection } from "./connection.ts";
import { DEFAULT_LIMITS, type ProxyLimits } from "./limits.ts";
import { type Listening, listen } from "./listen.ts";
import { peerCredentials } from "./peer-credentials.ts";
import { refusalMessage } from "./refusal-message.ts";
import { hasItsShare } from "./share.ts";
import { Wire } from "./wire.ts";

export interface DockerSocketSettings {
  readonly listening: Listening;
  /** Path of the engine's own socket. */
  readonly upstream: string;
  readonly gate: Gate;
  readonly limits?: Partial<ProxyLimits>;
  /** Faults of the proxy or the gate itself; the call was refused. */
  readonly onFailure: (error: unknown) => void;
}

export interface DockerSocketServer {
  /** Clients at this moment. */
  readonly connections: number;
  /**
   * No new clients from here on; calls and streams that are under way go on for `graceMs`, then are cut. Containers are the engine's
   * and go on. The socket file is gone at once, so that a successor can listen.
   */
  drain(graceMs: number): Promise<void>;
}

/** Serves an engine's API on a socket, each call judged by the gate. Throws E_SOCKET_IN_USE, E_IO. */
export async function serveDockerSocket(settings: DockerSocketSettings): Promise<DockerSocketServer> {
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const connections = new Map<Connection, Promise<void>>();
  const accept = (socket: Socket): void => {
    const client = new Wire(socket);
    const caller = peerCredentials(socket);
    const callers = [...connections.keys()].map((connection) => connection.caller);
    const isShareTaken =
      hasItsShare(callers, caller, limits.connections) &&
      !closeIdle(connections, (one) => one.caller.uid === caller.uid);
    if (isShareTaken || (connections.size >= limits.connections && !closeIdle(connections, () => true))) {
      const message = isShareTaken
        ? "petrify guard serves half of its clients for this user already, and keeps the rest for others."
        : `petrify guard serves ${limits.connections} clients already, and no more at a time.`;
      void client.write(refusalMessage({ status: 503, message }, { method: "GET", libpod: false }, true));
      socket.destroySoon();
      return;
    }
    const { upstream, gate, onFailure } = settings;
    const connection = new Connection({ upstream, gate, limits }, client, caller, onFailure);
    connections.set(
      connection,
      connection.run().finally(() => connections.delete(connection)),
    );
  };
  const server = createServer({ allowHalfOpen: true }, accept);
  await listen(server, settings.listening);
  server.on("error", settings.onFailure);
  return {
    get connections() {
      return connections.size;
    },
    drain: (graceMs) => drain(server, connections, graceMs),
  };
}

/** Nobody can keep others out with connections that ask nothing. */
function closeIdle(connections: Map<Connection, unknown>, isOne: (connection: Connection) => boolean): boolean {
  for (const connection of connections.keys()) {
    if (!connection.idle || !isOne(connection)) continue;
    connections.delete(connection);
    connection.destroy();
    return true;
  }
  return false;
}

async function drain(
  server: Server,
  connections: ReadonlyMap<Connection, Promise<void>>,
  graceMs: number,
): Promise<void> {
  // Removes the socket file.
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const connection of connections.keys()) connection.drain();
  const timer = setTimeout(() => {
    for (const connection of connections.keys()) connection.destroy();
  }, graceMs);
  await Promise.all([closed, ...connections.values()]);
  clearTimeout(timer);
}
