import { HOST_CAPABILITIES } from "../capabilities.ts";
import { EVERY_ROLE, type Rule } from "../rule.ts";

export const hostCapabilities: Rule = {
  id: "host-capabilities",
  title: "A capability leads to the host",
  severity: "high",
  why:
    "Some capabilities are not confined to the container: they load code into the host's kernel, mount, trace, or read files past " +
    "all permissions. Who has them is near to being root on the host.",
  fix: "Take the capability away, or run this part on the host.",
  topic: "isolation",
  maps: {
    cisDocker: ["5.4"],
    cisKubernetes: ["5.2.9"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235801"],
  },
  needs: ["capAdd"],
  roles: EVERY_ROLE,
  check: ({ settings: { capAdd } }) =>
    (capAdd?.value ?? []).flatMap((name) => {
      const does = HOST_CAPABILITIES.get(name);
      const what = name === "ALL" ? "all capabilities" : name;
      return does === undefined
        ? []
        : [{ message: `The container has ${what}: it ${does}.`, at: capAdd?.at, key: name }];
    }),
  fires: [
    { what: "SYS_ADMIN", settings: { capAdd: { value: ["SYS_ADMIN"] } } },
    { what: "SYS_MODULE", settings: { capAdd: { value: ["NET_ADMIN", "SYS_MODULE"] } } },
    { what: "all", settings: { capAdd: { value: ["ALL"] } } },
  ],
  silent: [
    { what: "one of a network's", settings: { capAdd: { value: ["NET_ADMIN"] } } },
    { what: "none", settings: {} },
  ],
};
