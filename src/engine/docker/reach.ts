import { PetrifyError } from "../../model/errors.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ContainerAnswer } from "./schemas.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ANY_ADDRESS = new Set(["", "0.0.0.0", "::"]);

/** The address by which this host reaches a container's port, from what the engine tells of it. Throws E_PORT. */
export function reachAddress(
  container: Pick<ContainerAnswer, "HostConfig" | "NetworkSettings">,
  port: number,
  protocol: "tcp" | "udp",
  engine: { readonly endpoint: Endpoint; readonly local: boolean; readonly rootless: boolean },
): Address {
  const engineHost = engine.local || engine.endpoint.kind === "unix" ? "127.0.0.1" : engine.endpoint.host;
  if (container.HostConfig.NetworkMode === "host") return { host: engineHost, port };
  const address = Object.values(container.NetworkSettings?.Networks ?? {}).find(({ IPAddress }) => IPAddress !== "");
  // The bridge of a rootless engine is in a network namespace of its own.
  if (engine.local && !engine.rootless && address !== undefined) return { host: address.IPAddress, port };
  const binding = container.NetworkSettings?.Ports[`${port}/${protocol}`]?.[0];
  if (binding !== undefined && binding.HostPort !== "")
    return { host: ANY_ADDRESS.has(binding.HostIp) ? engineHost : binding.HostIp, port: Number(binding.HostPort) };
  throw new PetrifyError("E_PORT", `Port ${port}/${protocol} of the container cannot be reached from here.`, {
    hint:
      container.HostConfig.NetworkMode === "none"
        ? "The container has no network: use --network bridge, or test it with --exec."
        : "Publish the port with -p, or test the container with --exec.",
  });
}
