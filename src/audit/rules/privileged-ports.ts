import type { Rule } from "../rule.ts";

export const privilegedPorts: Rule = {
  id: "privileged-ports",
  title: "It is published on a privileged port of the host",
  severity: "low",
  why:
    "Ports below 1024 are trusted to be root's, and the host's own services use them. The container takes such a port without " +
    "being asked for a right.",
  fix: "Publish a higher port, unless clients must find it there.",
  topic: "operation",
  maps: { cisDocker: ["5.8"], nist80053: ["CM-7"], stig: ["V-235819"] },
  needs: ["ports"],
  windows: true,
  check: ({ settings: { ports = [] } }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0 && hostPort < 1024)
      .map(({ hostPort, at }) => ({
        message: `Port ${hostPort} of the host is privileged.`,
        at,
        key: String(hostPort),
      })),
  fires: [{ what: "80", settings: { ports: [{ hostIp: "127.0.0.1", hostPort: 80, containerPort: 8080 }] } }],
  silent: [
    { what: "8080", settings: { ports: [{ hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80 }] } },
    { what: "not published", input: "kubernetes", settings: { ports: [{ containerPort: 80 }] } },
  ],
};
