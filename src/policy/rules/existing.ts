import { untilText } from "../time.ts";
import type { PolicyRule } from "../rule.ts";
import { toExempt } from "../wording.ts";

/** A container that the engine has, writable: nothing can be changed in it any more. */
export const readOnlyRoot: PolicyRule = {
  name: "read-only-root",
  check({ container, policy, exists }) {
    if (!exists || container.readOnlyRoot) return undefined;
    const { grandfatherUntilMs } = policy;
    const grandfather =
      grandfatherUntilMs === undefined
        ? "or let older containers start for a while by grandfatherUntil"
        : `and grandfatherUntil (${untilText(grandfatherUntilMs)}) does not hold for it`;
    return {
      refuse: true,
      sentence: `Its root is writable: the container was made past the guard or before policy ${policy.name}.`,
      remedy: `Remove it and make it again through the guard, ${grandfather}; or ${toExempt(policy, container)}.`,
    };
  },
};
