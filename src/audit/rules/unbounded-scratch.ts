import { writableMounts } from "../mounts.ts";
import type { Rule } from "../rule.ts";

export const unboundedScratch: Rule = {
  id: "unbounded-scratch",
  title: "An emptyDir has no limit",
  severity: "low",
  why: "It lies on the node's disk, and a pod that fills it takes the disk from every other pod. With a limit only this pod is evicted.",
  fix: "Give it a limit.",
  topic: "limits",
  maps: {},
  needs: ["mounts"],
  inputs: ["kubernetes"],
  spelled: { kubernetes: "emptyDir.sizeLimit: 1Gi" },
  check: ({ settings }) =>
    writableMounts(settings)
      .filter(({ type, sizeBytes }) => type === "volume" && sizeBytes === null)
      .map(({ target, at }) => ({ message: `The emptyDir at ${target} has no limit.`, at, key: target })),
  fires: [
    {
      what: "no sizeLimit",
      input: "kubernetes",
      settings: { mounts: [{ type: "volume", target: "/cache", readOnly: false, sizeBytes: null }] },
    },
  ],
  silent: [
    {
      what: "a sizeLimit",
      input: "kubernetes",
      settings: { mounts: [{ type: "volume", target: "/cache", readOnly: false, sizeBytes: 2 ** 30 }] },
    },
    {
      what: "a claim, which has its own",
      input: "kubernetes",
      settings: { mounts: [{ type: "volume", source: "data", target: "/data", readOnly: false }] },
    },
  ],
};
