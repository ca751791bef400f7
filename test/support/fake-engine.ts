import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Answers = (request: http.IncomingMessage, response: http.ServerResponse, path: string) => void;

export interface FakeEngine extends AsyncDisposable {
  readonly socketPath: string;
  /** `METHOD /path`, without the version. */
  readonly requests: readonly string[];
}

const GREETING: Readonly<Record<string, unknown>> = {
  "/version": { Version: "1", ApiVersion: "1.41" },
  "/info": { Driver: "overlay2", SecurityOptions: [] },
};

/**
 * An engine that greets as a real one does and then answers as a test wants: what a hostile or broken one can send.
 * No real behaviour is tested against it.
 */
export async function fakeEngine(
  answers: Answers,
  greeting: { readonly apiVersion?: string } = {},
): Promise<FakeEngine> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    const path = (request.url ?? "").replace(/^\/v[\d.]+/, "");
    requests.push(`${request.method} ${path}`);
    if (path === "/_ping") response.setHeader("api-version", greeting.apiVersion ?? "1.41").end("OK");
    else if (path in GREETING) response.end(JSON.stringify(GREETING[path]));
    else answers(request, response, path);
  });
  server.on("upgrade", (request, socket) => {
    const path = (request.url ?? "").replace(/^\/v[\d.]+/, "");
    requests.push(`${request.method} ${path}`);
    const response = new http.ServerResponse(request);
    response.assignSocket(socket as net.Socket);
    answers(request, response, path);
  });
  return { ...(await listen(server)), requests };
}

/** What speaks no HTTP at all. */
export async function rawServer(onConnection: (socket: net.Socket) => void): Promise<Omit<FakeEngine, "requests">> {
  return listen(net.createServer(onConnection));
}

async function listen(server: net.Server): Promise<Omit<FakeEngine, "requests">> {
  const folder = mkdtempSync(join(tmpdir(), "petrify-fake-"));
  const socketPath = join(folder, "engine.sock");
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
