import type { Rule } from "../rule.ts";

/** What follows from it that a swarm ignores a key; of keys that are not here nothing does that matters. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  privileged: "the containers have no more privileges than others",
  security_opt: "no-new-privileges, seccomp and AppArmor profiles are those of each node's engine",
  devices: "the containers get no devices",
  cgroup_parent: "the containers are in the engine's own cgroup",
  network_mode: "the containers are in the stack's network",
  ipc: "each container has an IPC namespace of its own",
  pid: "each container has a PID namespace of its own",
  userns_mode: "the containers are in the engine's user namespace",
  restart: "deploy.restart_policy decides, and that restarts always when it says nothing",
};

export const ignoredSetting: Rule = {
  id: "ignored-setting",
  title: "A setting has no effect",
  severity: "low",
  why:
    "A swarm ignores some keys of Compose, and docker stack deploy only mentions it in passing. Who reads the file takes the " +
    "containers for stricter, or for more able, than they are.",
  fix: "Take the key away, and set what it was for where a swarm reads it: below deploy, or in each node's engine.",
  topic: "isolation",
  maps: {},
  needs: ["ignored"],
  inputs: ["swarm"],
  check: ({ settings }) =>
    (settings.ignored ?? []).flatMap(({ value, at }) => {
      const consequence = CONSEQUENCES[value];
      return consequence === undefined
        ? []
        : [{ message: `A swarm ignores ${value}: ${consequence}.`, at, key: value }];
    }),
  fires: [
    { what: "options of security", input: "swarm", settings: { ignored: [{ value: "security_opt" }] } },
    { what: "privileged", input: "swarm", settings: { ignored: [{ value: "build" }, { value: "privileged" }] } },
  ],
  silent: [
    { what: "nothing is ignored", input: "swarm", settings: {} },
    { what: "what has no consequence", input: "swarm", settings: { ignored: [{ value: "build" }] } },
    { what: "Compose, which reads it", input: "compose", settings: { privileged: { value: false } } },
  ],
};
