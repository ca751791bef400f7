import type { Rule } from "../rule.ts";

export const pidsLimit: Rule = {
  id: "pids-limit",
  title: "The number of processes is not limited",
  severity: "low",
  why: "A fork bomb, or a program that never collects its children, uses up the host's process table. Nobody can log in to stop it then.",
  fix: "Set a limit: some hundreds do for most applications.",
  topic: "limits",
  maps: { cisDocker: ["5.29"], stig: ["V-235828"] },
  needs: ["pidsLimit"],
  spelled: {
    compose: "pids_limit: 200, or deploy.resources.limits.pids",
    swarm: "deploy.resources.limits.pids: 200",
    quadlet: "PidsLimit=200",
    command: "--pids-limit 200",
  },
  check: ({ settings: { pidsLimit: limit }, source }) => {
    // Podman limits to 2048 by itself (containers.conf, pids_limit).
    if (limit === undefined && source.kind === "quadlet") return [];
    return limit !== undefined && limit.value > 0
      ? []
      : [{ message: "The number of its processes is not limited.", at: limit?.at }];
  },
  fires: [
    { what: "nothing is said", settings: {} },
    { what: "unlimited on purpose", settings: { pidsLimit: { value: -1 } } },
    { what: "unlimited on purpose, by Podman", input: "quadlet", settings: { pidsLimit: { value: 0 } } },
  ],
  silent: [
    { what: "a limit", settings: { pidsLimit: { value: 200 } } },
    { what: "Podman's own", input: "quadlet", settings: {} },
    { what: "a pod, which cannot say it", input: "kubernetes", settings: {} },
  ],
};
