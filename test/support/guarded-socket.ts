import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gate } from "../../src/guard/api-call.ts";
import type { ProxyLimits } from "../../src/guard/docker-proxy/limits.ts";
import { type DockerSocketServer, serveDockerSocket } from "../../src/guard/docker-proxy/server.ts";
import { passThroughGate } from "./pass-through-gate.ts";

/** An engine that records what reaches it, and answers as the test says. */
export interface RecordingEngine {
  readonly path: string;
  /** All bytes of all connections so far. */
  received(): string;
  /** Connections at this moment. */
  open(): number;
  close(): Promise<void>;
}

/** `answer` gets each piece as it comes, with all that came before it on this connection. */
export async function recordingEngine(
  path: string,
  answer: (socket: Socket, soFar: string) => void,
): Promise<RecordingEngine> {
  let received = "";
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    let soFar = "";
    socket.on("data", (bytes) => {
      received += bytes.toString("latin1");
      soFar += bytes.toString("latin1");
      answer(socket, soFar);
    });
    // After what the test does at the end.
    socket.on("end", () => setImmediate(() => socket.end()));
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen({ path }, resolve);
  });
  return {
    path,
    received: () => received,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

export interface GuardedSocket extends AsyncDisposable {
  readonly path: string;
  readonly engine: RecordingEngine;
  readonly server: DockerSocketServer;
  readonly failures: readonly unknown[];
  /** Sends the bytes, one piece after the other, and gives all that comes back until the connection ends. */
  talk(...pieces: readonly string[]): Promise<string>;
  connect(): Socket;
}

export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

/** Guard in front of a recording engine, which answers each piece with `OK` unless it is told otherwise. */
export async function guardedSocket(
  options: {
    readonly gate?: Gate;
    readonly limits?: Partial<ProxyLimits>;
    readonly answer?: (socket: Socket, soFar: string) => void;
  } = {},
): Promise<GuardedSocket> {
  const folder = mkdtempSync(join(tmpdir(), "petrify-guard-"));
  const path = join(folder, "guard.sock");
  const engine = await recordingEngine(
    join(folder, "engine.sock"),
    options.answer ?? ((socket) => void socket.write(OK)),
  );
  const failures: unknown[] = [];
  const server = await serveDockerSocket({
    listening: { kind: "path", path, mode: 0o600, group: "0" },
    upstream: engine.path,
    gate: options.gate ?? passThroughGate,
    ...(options.limits !== undefined && { limits: options.limits }),
    onFailure: (error) => failures.push(error),
  });
  const open = (): Socket => connect({ path, allowHalfOpen: true }).on("error", () => undefined);
  return {
    path,
    engine,
    server,
    failures,
    connect: open,
    talk: async (...pieces) => {
      const socket = open();
      const answer = everything(socket);
      for (const piece of pieces) {
        socket.write(Buffer.from(piece, "latin1"));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return answer;
    },
    [Symbol.asyncDispose]: async () => {
      await server.drain(0);
      await engine.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** All that a socket gives until its end. */
export function everything(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (bytes) => (text += bytes.toString("latin1")));
  return new Promise((resolve) => {
    socket.on("end", () => socket.end()).on("close", () => resolve(text));
  });
}
