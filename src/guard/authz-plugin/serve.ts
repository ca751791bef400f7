import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Gate } from "../api-call.ts";
import { listen } from "../docker-proxy/listen.ts";
import { authorize } from "./authorize.ts";
import { readAuthzRequest } from "./message.ts";

/** Where dockerd looks for a plugin of this name. */
export const DEFAULT_PLUGIN_SOCKET = "/run/docker/plugins/petrify.sock";

/** A body of 4 MiB, which is what the newest dockerd shows at most, in base64, and heads with certificates. */
const MESSAGE_LIMIT_BYTES = 8 * 1024 * 1024;
const JSON_TYPE = "application/vnd.docker.plugins.v1.1+json";

export interface AuthzServer {
  readonly connections: number;
  /** Questions that came before are answered. */
  stop(): Promise<void>;
}

/**
 * Serves dockerd's plugin protocol on a Unix socket of root's alone. Whatever goes wrong denies; when nothing answers there, dockerd
 * denies itself. Throws E_SOCKET_IN_USE, E_IO.
 */
export async function serveAuthzPlugin(socketPath: string, gate: Gate): Promise<AuthzServer> {
  const questions = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const question = answer(request, response, gate)
      .catch(() => respond(response, 500, { Err: "the guard failed: a bug of Petrify" }))
      .finally(() => questions.delete(question));
    questions.add(question);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(server, { kind: "path", path: socketPath, mode: 0o600, group: "0" });
  return {
    get connections() {
      return sockets.size;
    },
    async stop() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      // Go keeps connections open, among them some on which it never asked anything.
      while (questions.size > 0) await Promise.all(questions);
      for (const socket of sockets) socket.destroySoon();
      await promise;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
  if (request.method !== "POST") return respond(response, 405, { Err: "only POST" });
  switch (request.url ?? "") {
    case "/Plugin.Activate":
      request.resume();
      return respond(response, 200, { Implements: ["authz"] });
    case "/AuthZPlugin.AuthZRes":
      // What the engine answers was decided with the request.
      request.resume();
      return respond(response, 200, { Allow: true });
    case "/AuthZPlugin.AuthZReq":
      return respond(response, 200, await verdict(request, gate));
    default:
      request.resume();
      return respond(response, 404, { Err: "unknown call" });
  }
}

type AuthzAnswer = { readonly Allow: true } | { readonly Allow: false; readonly Msg: string };

async function verdict(request: IncomingMessage, gate: Gate): Promise<AuthzAnswer> {
  const text = await readText(request);
  const asked = text === undefined ? undefined : readAuthzRequest(text);
  if (asked === undefined) return { Allow: false, Msg: "The guard could not read what dockerd asks." };
  const denial = await authorize(asked, gate);
  return denial === undefined ? { Allow: true } : { Allow: false, Msg: denial };
}

/** Undefined beyond the limit. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MESSAGE_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": JSON_TYPE });
  response.end(JSON.stringify(body));
}
