import { PetrifyError } from "../../model/errors.ts";
import type { ContainerHandle } from "../engine.ts";
import type { EngineNamespace, Forwarder } from "./namespace.ts";
import type { Target } from "./netns-protocol.ts";

type Reach = (
  container: Pick<ContainerHandle, "id" | "name">,
  ipAddress: string,
  port: number,
  protocol: "tcp" | "udp",
) => Promise<Target>;

/**
 * Ports of this host's loopback that lead to containers, until the engine is closed. A port asked for again is the same
 * one, though the container may have another address by now. A connection to a port that nobody serves is accepted and
 * then reset: only an answer proves that a service is there.
 */
export function reachThrough(namespace: EngineNamespace): Reach {
  const forwarders = new Map<string, Promise<Forwarder>>();
  return async (container, ipAddress, port, protocol) => {
    if (ipAddress === "") {
      throw new PetrifyError(
        "E_PORT",
        `Port ${port}/${protocol} of ${container.name} cannot be reached: it has no address.`,
        {
          hint: "It has ended, or has no network: use --network bridge, or test it with --exec.",
        },
      );
    }
    const key = `${container.id} ${port} ${protocol}`;
    let opening = forwarders.get(key);
    if (opening === undefined) {
      opening = namespace.forward(protocol, "127.0.0.1", 0);
      forwarders.set(key, opening);
      opening.catch(() => forwarders.delete(key));
    }
    const forwarder = await opening;
    await forwarder.retarget({ host: ipAddress, port });
    return { host: forwarder.host, port: forwarder.port };
  };
}
