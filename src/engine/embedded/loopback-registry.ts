import net from "node:net";
import { parseReference, registryOf } from "../docker/reference.ts";
import { splice } from "./forward-tcp.ts";
import type { EngineNamespace } from "./namespace.ts";
import { unbracketed } from "./upstream.ts";

/** A registry named by a loopback address is on this host's loopback; the engine would look on its own, and past any proxy. */
export interface LoopbackRegistry {
  /** Addresses at which the engine may look for it. */
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
}

/** Undefined for a registry elsewhere. The rule is Go's (net/http ProxyFromEnvironment): `localhost` and loopback addresses. Throws E_IMAGE_REFERENCE. */
export function loopbackRegistry(reference: string): LoopbackRegistry | undefined {
  const [, host = "", port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(registryOf(parseReference(reference))) ?? [];
  const address = unbracketed(host);
  // Without a port dockerd tries https, then http.
  const ports = port === undefined ? [443, 80] : [Number(port)];
  if (host === "localhost") return { hosts: ["127.0.0.1", "::1"], ports };
  return LOOPBACK.check(address, net.isIPv6(address) ? "ipv6" : "ipv4") ? { hosts: [address], ports } : undefined;
}
const LOOPBACK = new net.BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Until it is disposed of, the same addresses and ports inside the engine's namespace lead to this host's. Throws E_PORT, E_ENGINE_LOST. */
export async function openLoopback(namespace: EngineNamespace, registry: LoopbackRegistry): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  for (const host of registry.hosts) {
    for (const port of registry.ports) {
      const inside = await namespace.listenInside(host, port).catch((error: unknown) => {
        // `localhost` may have no IPv6; the address that the user wrote must work.
        if (registry.hosts.length === 1) throw error;
      });
      if (inside !== undefined) opened.use(serve(inside, host, port));
    }
  }
  return opened.move();
}

function serve(inside: net.Server, host: string, port: number): AsyncDisposable {
  const connections = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (engine) => {
    connections.add(engine);
    engine.on("close", () => connections.delete(engine));
    splice(engine, net.connect({ host, port, allowHalfOpen: true, noDelay: true }));
  });
  server.listen(inside);
  return {
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const connection of connections) connection.destroy();
      await closed.promise;
    },
  };
}
