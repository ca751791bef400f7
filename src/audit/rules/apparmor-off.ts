import type { Rule } from "../rule.ts";

export const appArmorOff: Rule = {
  id: "apparmor-off",
  title: "AppArmor is switched off",
  severity: "medium",
  why:
    "The engine's profile keeps containers from mounting and from writing to kernel interfaces, also when another wall has a " +
    "hole. On a host without AppArmor the setting changes nothing.",
  fix: "Leave the engine's profile, or name one of your own.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.2"],
    nsa: ["Restrict a container's access to resources with AppArmor"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235799"],
  },
  needs: ["appArmor"],
  check: ({ settings: { appArmor } }) =>
    appArmor?.value.toLowerCase() === "unconfined"
      ? [{ message: "AppArmor is switched off: its profile is unconfined.", at: appArmor.at }]
      : [],
  fires: [{ what: "unconfined", settings: { appArmor: { value: "unconfined" } } }],
  silent: [
    { what: "the engine's default", settings: {} },
    { what: "a profile", settings: { appArmor: { value: "docker-nginx" } } },
  ],
};
