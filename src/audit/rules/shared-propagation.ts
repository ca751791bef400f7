import type { Rule } from "../rule.ts";

export const sharedPropagation: Rule = {
  id: "shared-propagation",
  title: "Mounts made in the container appear on the host",
  severity: "medium",
  why:
    "With shared propagation a mount that the container makes below this one is made on the host as well, and in every container " +
    "that shares it. It hides the host's files from the host.",
  fix: "Use private propagation, or rslave when mounts of the host must appear in the container.",
  topic: "isolation",
  maps: { cisDocker: ["5.20"], nist80053: ["CM-7"], stig: ["V-235810"] },
  needs: ["mounts"],
  check: ({ settings: { mounts = [] } }) =>
    mounts
      .filter(({ propagation = "" }) => /^(?:r?shared|Bidirectional)$/.test(propagation))
      .map(({ target, at }) => ({
        message: `The mount at ${target} is shared with the host in both directions.`,
        at,
        key: target,
      })),
  fires: [
    { what: "rshared", settings: { mounts: [mount("rshared")] } },
    { what: "Bidirectional", input: "kubernetes", settings: { mounts: [mount("Bidirectional")] } },
  ],
  silent: [
    { what: "rslave", settings: { mounts: [mount("rslave")] } },
    { what: "HostToContainer", input: "kubernetes", settings: { mounts: [mount("HostToContainer")] } },
    { what: "nothing is said", settings: { mounts: [mount()] } },
  ],
};

function mount(propagation?: string) {
  const rest = propagation === undefined ? {} : { propagation };
  return { type: "bind", source: "/srv/a", target: "/a", readOnly: false, ...rest } as const;
}
