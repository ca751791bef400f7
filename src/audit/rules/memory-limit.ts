import type { Rule } from "../rule.ts";

export const memoryLimit: Rule = {
  id: "memory-limit",
  title: "Memory is not limited",
  severity: "low",
  why:
    "A leak or an attack takes the host's memory, and the kernel then kills whatever it chooses. With a limit only this container " +
    "is hit.",
  fix: "Set a limit above what it was seen to use.",
  topic: "limits",
  maps: { cisDocker: ["5.11"], nist80053: ["CM-7"], stig: ["V-235806"] },
  needs: ["memoryBytes"],
  windows: true,
  spelled: {
    compose: "mem_limit: 512m, or deploy.resources.limits.memory",
    swarm: "deploy.resources.limits.memory: 512M",
    kubernetes: "resources.limits.memory: 512Mi",
    quadlet: "PodmanArgs=--memory 512m",
    ecs: '"memory": 512',
    command: "--memory 512m",
  },
  check: ({ settings: { memoryBytes: limit } }) =>
    limit !== undefined && limit.value > 0 ? [] : [{ message: "Its memory is not limited.", at: limit?.at }],
  fires: [
    { what: "nothing is said", settings: {} },
    { what: "0: no limit", input: "engine", settings: { memoryBytes: { value: 0 } } },
  ],
  silent: [{ what: "a limit", settings: { memoryBytes: { value: 2 ** 29 } } }],
};
