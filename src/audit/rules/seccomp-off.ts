import type { Rule } from "../rule.ts";

export const seccompOff: Rule = {
  id: "seccomp-off",
  title: "System calls are not filtered",
  severity: "medium",
  why:
    "The engine's seccomp profile shuts calls that applications do not use and in which kernel bugs keep being found. Kubernetes " +
    "uses it only when it is asked to.",
  fix: "Use the runtime's default profile, or one of your own.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.22"],
    cisKubernetes: ["5.7.2"],
    nsa: ["Sets the seccomp profile used to sandbox containers"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235812"],
  },
  needs: ["seccomp"],
  spelled: {
    compose: "no security_opt with seccomp:unconfined",
    kubernetes: "securityContext.seccompProfile.type: RuntimeDefault",
    command: "no --security-opt seccomp=unconfined",
  },
  check: ({ settings: { seccomp }, source, at }) => {
    if (seccomp?.value.toLowerCase() === "unconfined")
      return [{ message: "System calls are not filtered: seccomp is unconfined.", at: seccomp.at }];
    return seccomp === undefined && source.kind === "kubernetes"
      ? [{ message: "System calls are not filtered: no seccompProfile is named.", at }]
      : [];
  },
  fires: [
    { what: "unconfined", settings: { seccomp: { value: "unconfined" } } },
    { what: "a pod that names none", input: "kubernetes", settings: {} },
    { what: "a pod that names Unconfined", input: "kubernetes", settings: { seccomp: { value: "Unconfined" } } },
  ],
  silent: [
    { what: "the engine's default", settings: {} },
    { what: "a profile of one's own", settings: { seccomp: { value: "profile.json" } } },
    { what: "RuntimeDefault", input: "kubernetes", settings: { seccomp: { value: "RuntimeDefault" } } },
  ],
};
