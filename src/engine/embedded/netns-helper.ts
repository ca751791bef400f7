import dgram from "node:dgram";
import { readlinkSync } from "node:fs";
import net from "node:net";
import { forwardTcp } from "./forward-tcp.ts";
import { forwardUdp } from "./forward-udp.ts";
import type { HelperAnswer, HelperRequest, Target } from "./netns-protocol.ts";

// Runs inside the engine's network namespace as a process of its own; its parent is petrify. Ends with it, however that ends.
if (process.send === undefined) throw new Error("This is started by petrify and nobody else.");
process.on("disconnect", () => process.exit(0));

interface Forward {
  target: Target | undefined;
  close(): void;
}
const forwards = new Map<number, Forward>();

function answer(message: HelperAnswer, server?: net.Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.send?.(message, server, {}, () => resolve());
  return promise;
}

function open(id: number, protocol: "tcp" | "udp", listener: unknown, first: Target | undefined): void {
  const forward: Forward = { target: first, close: () => undefined };
  const target = (): Target | undefined => forward.target;
  if (protocol === "tcp" && listener instanceof net.Server) forward.close = forwardTcp(listener, target);
  else if (protocol === "udp" && listener instanceof dgram.Socket) forward.close = forwardUdp(listener, target);
  else throw new Error("the listener got lost");
  forwards.set(id, forward);
}

async function listen(id: number, host: string, port: number): Promise<void> {
  const server = net.createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen({ host, port, exclusive: true }, resolve);
  await promise;
  await answer({ kind: "done", id }, server);
  server.close();
}

async function handle(request: HelperRequest, listener: unknown): Promise<void> {
  switch (request.kind) {
    case "listen":
      return listen(request.id, request.host, request.port);
    case "forward":
      open(request.id, request.protocol, listener, request.target);
      break;
    case "retarget": {
      const forward = forwards.get(request.forward);
      if (forward !== undefined) forward.target = request.target;
      break;
    }
    case "close":
      forwards.get(request.forward)?.close();
      forwards.delete(request.forward);
      break;
  }
  await answer({ kind: "done", id: request.id });
}

process.on("message", (request: HelperRequest, listener: unknown) => {
  handle(request, listener).catch((error: NodeJS.ErrnoException) =>
    answer({ kind: "failed", id: request.id, code: error.code ?? "", message: error.message }),
  );
});
await answer({ kind: "ready", namespace: readlinkSync("/proc/self/ns/net") });
