import type { Rule } from "../rule.ts";

export const sharedProcesses: Rule = {
  id: "shared-processes",
  title: "Containers see each other's processes",
  severity: "low",
  why:
    "Each reads the other's command lines and environment, and through /proc its files where the user is the same. What is taken " +
    "over in one is taken over in both.",
  fix: "Share processes only while debugging.",
  topic: "isolation",
  maps: { nsa: ["Share containers process namespaces"], nist800190: ["4.4.3"] },
  needs: ["pid"],
  check: ({ settings: { pid } }) =>
    pid !== undefined && /^(?:shared|(?:container|service):.*)$/.test(pid.value)
      ? [{ message: "It shares its processes with other containers.", at: pid.at }]
      : [],
  fires: [
    { what: "shareProcessNamespace", input: "kubernetes", settings: { pid: { value: "shared" } } },
    { what: "those of another service", settings: { pid: { value: "service:db" } } },
  ],
  silent: [
    { what: "nothing is said", settings: {} },
    { what: "the host's, which is told by another rule", settings: { pid: { value: "host" } } },
  ],
};
