import type { Rule } from "../rule.ts";

export const readOnlyRoot: Rule = {
  id: "read-only-root",
  title: "The root file system is writable",
  severity: "high",
  why:
    "Whoever gets into the container can replace its programs and stay, and what the application writes there is lost with " +
    "the container. Quotas do not count it either, because it lies in the copy-on-write layer.",
  fix: "Make the root read-only, and give the application the places that it needs: petrify learn finds them.",
  topic: "read-only root",
  maps: {
    cisDocker: ["5.13", "5.12"],
    cisKubernetes: ["5.7.3"],
    nsa: ["Immutable container file systems"],
    nist800190: ["4.4.4"],
    nist80053: ["AC-3", "AC-6", "CM-5"],
    stig: ["DKER-EE-002030", "V-235808", "V-270876", "SRG-APP-000380-CTR-000340"],
  },
  needs: ["readOnlyRoot"],
  check: ({ settings, os, at }) => {
    const { readOnlyRoot: root, misplacedReadOnlyRoot: misplaced } = settings;
    // Windows cannot honour it (kubernetes/enhancements KEP-116).
    if (os === "windows" || root?.value === true) return [];
    if (misplaced !== undefined)
      return [
        {
          message: `A read-only root is asked for at ${misplaced.value}, where nothing reads it: the root is writable.`,
          fix: "Move it to the securityContext of each container.",
          at: misplaced.at,
        },
      ];
    return [
      {
        message:
          root === undefined ? "The root is writable: nothing says otherwise." : "The root is writable on purpose.",
        at: root?.at ?? at,
      },
    ];
  },
  fires: [
    { what: "nothing is said", settings: {} },
    { what: "writable on purpose", settings: { readOnlyRoot: { value: false } } },
    { what: "an init container", settings: {}, role: "init" },
    {
      what: "asked for at the pod, where Kubernetes does not look",
      input: "kubernetes",
      settings: { misplacedReadOnlyRoot: { value: "spec.securityContext" } },
    },
  ],
  silent: [
    { what: "read-only", settings: { readOnlyRoot: { value: true } } },
    { what: "Windows, which cannot", input: "kubernetes", os: "windows", settings: {} },
  ],
};
