import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { PetrifyError } from "../../model/errors.ts";
import { listen } from "../docker-proxy/listen.ts";

/** Where metrics are served: never to other hosts. */
export type MetricsAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

export interface MetricsSource {
  text(): string;
  /** Undefined: well. Else one sentence. */
  unhealthy(): string | undefined;
}

/** `unix:///path`, `/path`, `127.0.0.1:9100`, `[::1]:9100`, `localhost:9100`. Throws E_USAGE. */
export function parseMetricsAddress(text: string): MetricsAddress {
  const path = text.startsWith("unix://") ? text.slice("unix://".length) : text;
  if (path.startsWith("/") && !path.includes("\0")) return { kind: "unix", path };
  const [, bracketed, plain, portText = ""] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(portText);
  if (host !== undefined && isLoopback(host) && port <= 65535) return { kind: "tcp", host, port };
  throw new PetrifyError("E_USAGE", `'${text}' is no address for metrics.`, {
    hint: "Write the path of a Unix socket, or a loopback address like 127.0.0.1:9100: nobody is asked for a password there.",
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Serves `/metrics` and `/healthz` (200, or 503 with the reason), by GET alone. Throws E_PORT, E_SOCKET_IN_USE, E_IO. */
export async function serveMetrics(address: MetricsAddress, source: MetricsSource): Promise<Server> {
  const server = createServer(
    { maxHeaderSize: 8192, requestTimeout: 5000, headersTimeout: 5000 },
    (request, response) => answer(request, response, source),
  );
  server.maxConnections = 64;
  if (address.kind === "unix") await listen(server, { kind: "path", path: address.path, mode: 0o660, group: "0" });
  else await listenTcp(server, address.port, address.host);
  return server;
}

function answer({ method, url }: IncomingMessage, response: ServerResponse, source: MetricsSource): void {
  if (method !== "GET") return end(response, 405, "only GET\n");
  if (url === "/metrics") return end(response, 200, source.text());
  if (url !== "/healthz") return end(response, 404, "not found\n");
  const reason = source.unhealthy();
  end(response, reason === undefined ? 200 : 503, `${reason ?? "ok"}\n`);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(text);
}

async function listenTcp(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    throw new PetrifyError("E_PORT", `Metrics cannot be served at ${host}:${port}.`, {
      hint: "Name another address with --metrics.",
      cause,
    });
  }
  server.off("error", reject);
}
