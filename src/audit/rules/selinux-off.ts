import type { Rule } from "../rule.ts";

/** Types under which SELinux confines nothing: container_selinux(8), spc_selinux(8). */
const UNCONFINED = /^(?:disable|(?:type:)?(?:spc_t|unconfined_t|container_runtime_t))$/;

export const selinuxOff: Rule = {
  id: "selinux-off",
  title: "SELinux is switched off",
  severity: "medium",
  why:
    "Labels keep a container from the host's files and from those of other containers, also when another wall has a hole. On a " +
    "host without SELinux the setting changes nothing.",
  fix: "Leave the engine's label; for a bind, the mount options z and Z give it one.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.3"],
    nsa: ["Sets the SELinux context of the container"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235800"],
  },
  needs: ["selinux"],
  check: ({ settings: { selinux } }) =>
    selinux !== undefined && UNCONFINED.test(selinux.value)
      ? [{ message: `SELinux does not confine it: its label is ${selinux.value}.`, at: selinux.at }]
      : [],
  fires: [
    { what: "label=disable", settings: { selinux: { value: "disable" } } },
    { what: "a super-privileged type", settings: { selinux: { value: "type:spc_t" } } },
  ],
  silent: [
    { what: "the engine's default", settings: {} },
    { what: "a type of its own", settings: { selinux: { value: "type:web_t" } } },
  ],
};
