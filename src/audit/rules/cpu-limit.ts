import type { Rule } from "../rule.ts";

export const cpuLimit: Rule = {
  id: "cpu-limit",
  title: "CPU is not limited",
  severity: "low",
  why: "A loop or a miner in this container takes all processors from the others. Shares or a limit keep them running.",
  fix: "Set shares or a limit.",
  topic: "limits",
  maps: { cisDocker: ["5.12"], nist80053: ["CM-7"], stig: ["V-235807"] },
  needs: ["cpus"],
  windows: true,
  spelled: {
    compose: "cpus: 1.0, or deploy.resources.limits.cpus",
    swarm: 'deploy.resources.limits.cpus: "1.0"',
    kubernetes: "resources.limits.cpu: 1",
    quadlet: "PodmanArgs=--cpus 1",
    ecs: '"cpu": 1024',
    command: "--cpus 1",
  },
  check: ({ settings: { cpus: limit } }) =>
    limit !== undefined && limit.value > 0 ? [] : [{ message: "Its CPU time is not limited.", at: limit?.at }],
  fires: [
    { what: "nothing is said", settings: {} },
    { what: "0: no limit", input: "engine", settings: { cpus: { value: 0 } } },
  ],
  silent: [{ what: "a limit", settings: { cpus: { value: 1.5 } } }],
};
