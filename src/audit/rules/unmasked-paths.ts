import { EVERY_ROLE, type Rule } from "../rule.ts";

export const unmaskedPaths: Rule = {
  id: "unmasked-paths",
  title: "Kernel interfaces are not masked",
  severity: "high",
  why:
    "Runtimes hide or lock parts of /proc and /sys, because a write there changes the host: /proc/sys/kernel/core_pattern " +
    "names a program that the host's kernel runs. Without the masks a read-only root protects nothing.",
  fix: "Leave the masked and read-only paths as the runtime has them.",
  topic: "read-only root",
  maps: { nist800190: ["4.4.3"] },
  needs: ["unmaskedPaths"],
  roles: EVERY_ROLE,
  check: ({ settings: { unmaskedPaths: unmasked } }) =>
    unmasked?.value === true
      ? [{ message: "Paths of /proc and /sys through which the host can be changed are open.", at: unmasked.at }]
      : [],
  fires: [
    { what: "systempaths=unconfined", settings: { unmaskedPaths: { value: true } } },
    { what: "procMount: Unmasked", input: "kubernetes", settings: { unmaskedPaths: { value: true } } },
  ],
  silent: [
    { what: "nothing is said", settings: {} },
    { what: "procMount: Default", input: "kubernetes", settings: { unmaskedPaths: { value: false } } },
  ],
};
