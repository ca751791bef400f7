import { writableMounts } from "../mounts.ts";
import type { Rule } from "../rule.ts";

export const unboundedTmpfs: Rule = {
  id: "unbounded-tmpfs",
  title: "A tmpfs has no size",
  severity: "medium",
  why:
    "Without a size it may fill half of the host's memory, and what is on it is charged to the container until the kernel kills " +
    "it. An application that fills its /tmp should get an error instead.",
  fix: "Give it a size.",
  topic: "limits",
  maps: {},
  needs: ["mounts"],
  spelled: {
    compose: "tmpfs: [PATH:size=64m]",
    kubernetes: "emptyDir.sizeLimit: 64Mi",
    quadlet: "Tmpfs=PATH:size=64m",
    ecs: '"tmpfs": [{"containerPath": PATH, "size": 64}]',
    command: "--tmpfs PATH:size=64m",
  },
  check: ({ settings }) =>
    writableMounts(settings)
      .filter(({ type, sizeBytes }) => type === "tmpfs" && sizeBytes === null)
      .map(({ target, at }) => ({
        message:
          settings.memoryBytes === undefined
            ? `The tmpfs ${target} has no size: half of the host's memory fits in.`
            : `The tmpfs ${target} has no size: it can use up the container's memory limit.`,
        at,
        key: target,
      })),
  fires: [
    { what: "no size", settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false, sizeBytes: null }] } },
    {
      what: "emptyDir in memory without sizeLimit",
      input: "kubernetes",
      settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false, sizeBytes: null }] },
    },
  ],
  silent: [
    { what: "a size", settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false, sizeBytes: 2 ** 26 }] } },
    { what: "not known", settings: { mounts: [{ type: "tmpfs", target: "/tmp", readOnly: false }] } },
  ],
};
