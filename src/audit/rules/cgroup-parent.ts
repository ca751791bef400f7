import type { Rule } from "../rule.ts";

export const cgroupParent: Rule = {
  id: "cgroup-parent",
  title: "It runs in another cgroup",
  severity: "low",
  why:
    "Limits that are set for all containers do not hold for it, and those of the other cgroup do. What watches the engine's cgroup " +
    "does not see it.",
  fix: "Leave it in the engine's cgroup, unless that is on purpose.",
  topic: "isolation",
  maps: { cisDocker: ["5.25"], nist80053: ["CM-7"], stig: ["V-235815"] },
  needs: ["cgroupParent"],
  check: ({ settings: { cgroupParent: parent } }) =>
    parent === undefined || parent.value === ""
      ? []
      : [{ message: `It runs below the cgroup ${parent.value}.`, at: parent.at }],
  fires: [{ what: "a parent", settings: { cgroupParent: { value: "system.slice" } } }],
  silent: [
    { what: "none", settings: {} },
    { what: "the engine's own", input: "engine", settings: { cgroupParent: { value: "" } } },
  ],
};
