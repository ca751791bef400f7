import { REMOUNTING } from "../capabilities.ts";
import { isReadOnly } from "../mounts.ts";
import { EVERY_ROLE, type Rule } from "../rule.ts";

export const remountableRoot: Rule = {
  id: "remountable-root",
  title: "The container can make its read-only root writable again",
  severity: "high",
  why:
    "With the right to mount, one command in the container (mount -o remount,rw /) undoes the read-only root. A scanner that " +
    "reads only the flag calls it protected.",
  fix: "Take the privileges away, or name single capabilities other than SYS_ADMIN.",
  topic: "read-only root",
  maps: {
    cisDocker: ["5.4", "5.5"],
    cisKubernetes: ["5.2.2", "5.2.9"],
    nsa: ["Preventing privileged containers"],
    nist800190: ["4.4.3"],
    nist80053: ["CM-7"],
    stig: ["V-235801", "V-235802"],
  },
  needs: ["readOnlyRoot"],
  roles: EVERY_ROLE,
  check: ({ settings }) => {
    const { privileged, capAdd } = settings;
    if (!isReadOnly(settings)) return [];
    if (privileged?.value === true)
      return [{ message: "The root is read-only, but a privileged container can undo that.", at: privileged.at }];
    const able = capAdd?.value.find((name) => REMOUNTING.has(name));
    if (able === undefined) return [];
    const what = able === "ALL" ? "all capabilities" : `the capability ${able}`;
    return [{ message: `The root is read-only, but with ${what} the container can undo that.`, at: capAdd?.at }];
  },
  fires: [
    { what: "privileged", settings: { readOnlyRoot: { value: true }, privileged: { value: true } } },
    { what: "SYS_ADMIN", settings: { readOnlyRoot: { value: true }, capAdd: { value: ["NET_ADMIN", "SYS_ADMIN"] } } },
    { what: "every capability", settings: { readOnlyRoot: { value: true }, capAdd: { value: ["ALL"] } } },
  ],
  silent: [
    { what: "another capability", settings: { readOnlyRoot: { value: true }, capAdd: { value: ["NET_ADMIN"] } } },
    { what: "there is nothing to undo", settings: { capAdd: { value: ["SYS_ADMIN"] } } },
    { what: "not privileged", settings: { readOnlyRoot: { value: true }, privileged: { value: false } } },
  ],
};
