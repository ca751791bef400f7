import { timingSafeEqual } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";
import { splice } from "./forward-tcp.ts";
import type { EngineNamespace } from "./namespace.ts";
import { openTunnel, sendOn, unbracketed } from "./upstream.ts";

/** Where the engine finds its proxy: a loopback address that no registry in an image name has. */
export const PROXY_HOST = "127.0.0.2";

/**
 * The engine's way to registries while it pulls: an HTTP proxy that listens inside its network namespace and connects from
 * this host. It is the engine's alone: containers have loopbacks of their own, and one that shares the engine's network
 * (`--network host`) does not know the token.
 */
export async function openRelay(
  namespace: EngineNamespace,
  proxy: { readonly port: number; readonly token: string },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<AsyncDisposable> {
  const expected = Buffer.from(`Basic ${Buffer.from(`petrify:${proxy.token}`).toString("base64")}`);
  const mayPass = ({ headers }: IncomingMessage): boolean => {
    const given = Buffer.from(headers["proxy-authorization"] ?? "");
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  const tunnels = new Set<Duplex>();
  const server = http.createServer({ keepAliveTimeout: 60_000 });
  server.on("connect", (request, engine: Duplex, head: Buffer) => {
    tunnels.add(engine);
    engine.on("close", () => tunnels.delete(engine)).on("error", () => engine.destroy());
    if (!mayPass(request)) return refuse(engine, 407, "Proxy Authentication Required");
    const to = parseAuthority(request.url ?? "");
    if (to === undefined) return refuse(engine, 400, "Bad Request");
    openTunnel(to.host, to.port, environment).then(
      (socket) => {
        engine.write("HTTP/1.1 200 Connection established\r\n\r\n");
        if (head.length > 0) engine.unshift(head);
        splice(engine as net.Socket, socket);
      },
      (error: unknown) => refuse(engine, 502, reason(error)),
    );
  });
  server.on("request", (request, response) => {
    if (!mayPass(request)) return answer(response, 407, "Proxy Authentication Required");
    const url = URL.parse(request.url ?? "");
    if (url === null || url.protocol !== "http:") return answer(response, 400, "Only absolute http addresses.");
    const { "proxy-authorization": _, "proxy-connection": __, ...headers } = request.headers;
    sendOn(request, url, headers, environment).then(
      (upstream) => {
        response.writeHead(upstream.statusCode ?? 502, upstream.headers);
        upstream.pipe(response);
        upstream.on("error", () => response.destroy());
        response.on("close", () => upstream.destroy());
      },
      (error: unknown) => answer(response, 502, reason(error)),
    );
  });
  server.listen(await namespace.listenInside(PROXY_HOST, proxy.port));
  return {
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      for (const tunnel of tunnels) tunnel.destroy();
      await closed.promise;
    },
  };
}

/** `host:port` of a CONNECT request. Exported for its test. */
export function parseAuthority(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]/@\s]+):([1-9]\d{0,4})$/.exec(text);
  const port = Number(match?.[2]);
  return match === null || port > 65_535 ? undefined : { host: unbracketed(match[1] as string), port };
}

function refuse(engine: Duplex, status: number, text: string): void {
  engine.end(`HTTP/1.1 ${status} ${text.replaceAll(/[\r\n]/g, " ")}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(text);
}
/** The engine puts it into its own error message, which is what the user reads. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Happy Eyeballs: every address failed, each with a reason of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : error.message;
}
