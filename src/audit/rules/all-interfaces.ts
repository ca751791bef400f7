import type { Rule } from "../rule.ts";

const EVERY_ADDRESS: ReadonlySet<string> = new Set(["", "0.0.0.0", "::", "[::]", "*"]);

export const allInterfaces: Rule = {
  id: "all-interfaces",
  title: "It is published on all interfaces of the host",
  severity: "low",
  why:
    "A port without an address is open on every network that the host is in, IPv6 included, and Docker opens it before the host's " +
    "firewall rules. A database meant for the neighbour container is on the internet then.",
  fix: "Name the address, 127.0.0.1 behind a proxy, or publish nothing and use a common network.",
  topic: "operation",
  maps: { cisDocker: ["5.14"], nist80053: ["CM-7"], stig: ["V-235820"] },
  needs: ["ports"],
  // Swarm and ECS cannot name an address; for pods there is host-port.
  inputs: ["engine", "compose", "quadlet", "command"],
  windows: true,
  spelled: {
    compose: 'ports: ["127.0.0.1:HOST:CONTAINER"]',
    quadlet: "PublishPort=127.0.0.1:HOST:CONTAINER",
    command: "-p 127.0.0.1:HOST:CONTAINER",
  },
  check: ({ settings: { ports = [] } }) =>
    ports
      .filter(({ hostIp = "" }) => EVERY_ADDRESS.has(hostIp))
      .map(({ containerPort, hostPort, at }) => ({
        message: `Port ${containerPort} is open on all interfaces${hostPort === undefined ? "" : `, as ${hostPort}`}.`,
        at,
        key: String(containerPort),
      })),
  fires: [
    { what: "no address", settings: { ports: [{ hostPort: 8080, containerPort: 80 }] } },
    { what: "all of IPv4", settings: { ports: [{ hostIp: "0.0.0.0", hostPort: 8080, containerPort: 80 }] } },
    { what: "all of IPv6", settings: { ports: [{ hostIp: "::", hostPort: 8080, containerPort: 80 }] } },
  ],
  silent: [
    { what: "loopback", settings: { ports: [{ hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80 }] } },
    { what: "loopback of IPv6", settings: { ports: [{ hostIp: "::1", hostPort: 8080, containerPort: 80 }] } },
    { what: "none", settings: {} },
    { what: "a pod's port", input: "kubernetes", settings: { ports: [{ containerPort: 80 }] } },
  ],
};
