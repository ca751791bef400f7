import type { Rule } from "../rule.ts";

export const defaultBridge: Rule = {
  id: "default-bridge",
  title: "It is in the engine's default network",
  severity: "low",
  why:
    "Every container for which nobody named a network is in it, and each reaches all ports of the others. A network of its own " +
    "holds only those that belong together, and resolves their names.",
  fix: "Make a network for what belongs together.",
  topic: "isolation",
  maps: { cisDocker: ["5.30"] },
  needs: ["network"],
  inputs: ["engine", "compose", "command"],
  spelled: { command: "docker network create NAME, and --network NAME" },
  check: ({ settings: { network } }) =>
    network !== undefined && /^(?:bridge|default)$/.test(network.value)
      ? [{ message: "It shares the default network with whatever else runs on the host.", at: network.at }]
      : [],
  fires: [
    { what: "a container that runs", input: "engine", settings: { network: { value: "bridge" } } },
    { what: "network_mode: bridge", settings: { network: { value: "bridge" } } },
  ],
  silent: [
    { what: "a network of its own", settings: { network: { value: "shop" } } },
    { what: "Compose's own, which is made for the project", settings: {} },
    { what: "none", settings: { network: { value: "none" } } },
  ],
};
