import { EVERY_ROLE, type Rule } from "../rule.ts";

export const privileged: Rule = {
  id: "privileged",
  title: "The container is privileged",
  severity: "high",
  why:
    "It has every capability and every device of the host, and neither seccomp nor AppArmor nor masked paths. Root in it is root " +
    "on the host with a few more commands.",
  fix: "Run it without, and add the single capabilities or devices that it needs.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.5"],
    cisKubernetes: ["5.2.2"],
    nsa: ["Preventing privileged containers"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235802"],
  },
  needs: ["privileged"],
  roles: EVERY_ROLE,
  check: ({ settings: { privileged: setting } }) =>
    setting?.value === true ? [{ message: "The container is privileged.", at: setting.at }] : [],
  fires: [
    { what: "privileged", settings: { privileged: { value: true } } },
    {
      what: "an ephemeral one",
      input: "kubernetes",
      role: "ephemeral",
      settings: { privileged: { value: true } },
    },
  ],
  silent: [
    { what: "nothing is said", settings: {} },
    { what: "said not to be", settings: { privileged: { value: false } } },
  ],
};
