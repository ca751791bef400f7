import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { Endpoint, TlsMaterial } from "./endpoint.ts";
import { connectSsh } from "./ssh.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** An unused connection is closed after this time: before proxies on the way forget it. An ssh one is dear to make. */
const IDLE_TIMEOUT_MS = { unix: 20_000, tcp: 20_000, ssh: 120_000 } as const;

/** Keeps connections to one endpoint open and gives them out again. */
export class EngineAgent extends http.Agent {
  readonly #endpoint: Endpoint;

  /** `keepAlive` false makes it an agent for one connection that is taken over. */
  constructor(endpoint: Endpoint, keepAlive: boolean) {
    super({ keepAlive, scheduling: "lifo", timeout: IDLE_TIMEOUT_MS[endpoint.kind] });
    this.#endpoint = endpoint;
  }

  override createConnection(): Duplex {
    return connect(this.#endpoint);
  }
}

function connect(endpoint: Endpoint): Duplex {
  if (endpoint.kind === "unix") return net.connect({ path: endpoint.path });
  if (endpoint.kind === "ssh") return connectSsh(endpoint);
  return endpoint.tls === undefined
    ? withConnectTimeout(net.connect({ host: endpoint.host, port: endpoint.port, keepAlive: true }), "connect")
    : withConnectTimeout(connectTls(endpoint.host, endpoint.port, endpoint.tls), "secureConnect");
}

function connectTls(host: string, port: number, { ca, cert, key, verify }: TlsMaterial): net.Socket {
  const socket = tls.connect({
    host,
    port,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(net.isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: verify,
    // HTTP/1.1 alone: hijacked streams do not exist in HTTP/2.
    ALPNProtocols: ["http/1.1"],
  });
  return socket.setKeepAlive(true);
}

function withConnectTimeout(socket: net.Socket, ready: "connect" | "secureConnect"): net.Socket {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" }));
  }, CONNECT_TIMEOUT_MS);
  const stop = (): void => clearTimeout(timer);
  socket.once(ready, stop).once("close", stop);
  return socket;
}
