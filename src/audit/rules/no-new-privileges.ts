import type { Rule } from "../rule.ts";

export const noNewPrivileges: Rule = {
  id: "no-new-privileges",
  title: "Programs can gain privileges",
  severity: "low",
  why:
    "A program with the setuid bit or with file capabilities, such as su in most images, makes a user root again. One setting " +
    "stops this for good.",
  fix: "Forbid new privileges.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.26"],
    cisKubernetes: ["5.2.6"],
    nsa: ["Restricts escalation to root privileges"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235816"],
  },
  needs: ["noNewPrivileges"],
  spelled: {
    compose: "security_opt: [no-new-privileges:true]",
    kubernetes: "securityContext.allowPrivilegeEscalation: false",
    quadlet: "NoNewPrivileges=true",
    ecs: '"dockerSecurityOptions": ["no-new-privileges"] (on EC2)',
    command: "--security-opt no-new-privileges",
  },
  check: ({ settings: { noNewPrivileges: setting } }) =>
    setting?.value === true ? [] : [{ message: "Programs in it can gain privileges.", at: setting?.at }],
  fires: [
    { what: "nothing is said", settings: {} },
    { what: "allowed", input: "kubernetes", settings: { noNewPrivileges: { value: false } } },
  ],
  silent: [{ what: "forbidden", settings: { noNewPrivileges: { value: true } } }],
};
