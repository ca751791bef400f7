import { hostBinds, isEngineSocket, isHostSecret, isHostSystem } from "../host-paths.ts";
import type { Rule } from "../rule.ts";

export const hostPath: Rule = {
  id: "host-path",
  title: "A pod uses a directory of its node",
  severity: "low",
  why:
    "What is there differs from node to node, is not counted by any quota, and is shared with whatever else runs on the node. The " +
    "pod is bound to the node, or loses its data when it moves.",
  fix: "Use a PersistentVolumeClaim, a projected volume or an emptyDir.",
  topic: "isolation",
  maps: { cisKubernetes: ["5.2.12"], nist800190: ["4.5.5"] },
  needs: ["mounts"],
  inputs: ["kubernetes"],
  windows: true,
  check: ({ settings }) =>
    hostBinds(settings)
      .filter(({ source }) => !isHostSystem(source) && !isHostSecret(source) && !isEngineSocket(source))
      .map(({ source, at }) => ({ message: `The pod uses ${source} of its node.`, at, key: source })),
  fires: [{ what: "a hostPath", input: "kubernetes", settings: { mounts: [bind("/srv/data")] } }],
  silent: [
    { what: "a claim", input: "kubernetes", settings: { mounts: [{ ...bind("data"), type: "volume" }] } },
    {
      what: "a system directory, which is told by another rule",
      input: "kubernetes",
      settings: { mounts: [bind("/etc")] },
    },
    { what: "a bind of Compose", settings: { mounts: [bind("/srv/data")] } },
  ],
};

function bind(source: string) {
  return { type: "bind", source, target: "/data", readOnly: false } as const;
}
