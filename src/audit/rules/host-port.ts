import type { Rule } from "../rule.ts";

export const hostPort: Rule = {
  id: "host-port",
  title: "A pod takes a port of its node",
  severity: "low",
  why: "It is reached past Services and, with many network plugins, past NetworkPolicies. Only one such pod fits on a node.",
  fix: "Use a Service.",
  topic: "operation",
  maps: { cisKubernetes: ["5.2.13"] },
  needs: ["ports"],
  inputs: ["kubernetes"],
  windows: true,
  check: ({ settings: { ports = [] } }) =>
    ports
      .filter((port) => port.hostPort !== undefined && port.hostPort > 0)
      .map((port) => ({
        message: `It takes port ${port.hostPort} of its node.`,
        at: port.at,
        key: String(port.hostPort),
      })),
  fires: [{ what: "a hostPort", input: "kubernetes", settings: { ports: [{ hostPort: 8080, containerPort: 80 }] } }],
  silent: [{ what: "only a containerPort", input: "kubernetes", settings: { ports: [{ containerPort: 80 }] } }],
};
