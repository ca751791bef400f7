import { DEFAULT_CAPABILITIES, HOST_CAPABILITIES } from "../capabilities.ts";
import type { Rule } from "../rule.ts";

export const addedCapabilities: Rule = {
  id: "added-capabilities",
  title: "Capabilities beyond the default set are added",
  severity: "medium",
  why:
    "The default set is already more than most applications use, and each capability beyond it opens a part of the kernel that " +
    "was shut. Whoever takes over the application has it, too.",
  fix: "Remove those that are not needed.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.4"],
    cisKubernetes: ["5.2.9"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235801"],
  },
  needs: ["capAdd"],
  check: ({ settings: { capAdd } }) => {
    const added = (capAdd?.value ?? []).filter(
      (name) => !DEFAULT_CAPABILITIES.has(name) && !HOST_CAPABILITIES.has(name),
    );
    return added.length === 0
      ? []
      : [{ message: `The container has ${added.join(", ")} in addition.`, at: capAdd?.at }];
  },
  fires: [{ what: "NET_ADMIN", settings: { capAdd: { value: ["NET_ADMIN"] } } }],
  silent: [
    { what: "one of the default set, given back", settings: { capAdd: { value: ["NET_BIND_SERVICE"] } } },
    { what: "SYS_ADMIN, which is told by another rule", settings: { capAdd: { value: ["SYS_ADMIN"] } } },
    { what: "none", settings: {} },
  ],
};
