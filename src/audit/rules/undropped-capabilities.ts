import type { Rule } from "../rule.ts";

export const undroppedCapabilities: Rule = {
  id: "undropped-capabilities",
  title: "The default capabilities are not dropped",
  severity: "low",
  why:
    "Most applications need none of the capabilities that engines leave them, or one to open a low port. With NET_RAW, one of " +
    "them, a container can forge packets to its neighbours.",
  fix: "Drop all, and add back what it needs.",
  topic: "isolation",
  maps: {
    cisKubernetes: ["5.2.8", "5.2.10"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235801"],
  },
  needs: ["capDrop"],
  spelled: {
    compose: "cap_drop: [ALL]",
    kubernetes: "securityContext.capabilities.drop: [ALL]",
    quadlet: "DropCapability=all",
    ecs: '"linuxParameters": {"capabilities": {"drop": ["ALL"]}}',
    command: "--cap-drop ALL",
  },
  check: ({ settings: { capDrop } }) =>
    capDrop?.value.includes("ALL") === true
      ? []
      : [
          {
            message:
              (capDrop?.value ?? []).length === 0
                ? "No capability is dropped."
                : `Only ${capDrop?.value.join(", ")} is dropped.`,
            at: capDrop?.at,
          },
        ],
  fires: [
    { what: "nothing is dropped", settings: {} },
    { what: "only one is", settings: { capDrop: { value: ["NET_RAW"] } } },
  ],
  silent: [
    { what: "all are", settings: { capDrop: { value: ["ALL"] } } },
    {
      what: "all are, and one is given back",
      settings: { capDrop: { value: ["ALL"] }, capAdd: { value: ["NET_BIND_SERVICE"] } },
    },
  ],
};
