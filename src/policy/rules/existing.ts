import { untilText } from "../time.ts";
import type { PolicyRule } from "../rule.ts";
import { toExempt } from "../wording.ts";

/** Whatever is called the pause image runs with a root that can be written, and a client gives images any name. */
export const pauseImage: PolicyRule = {
  name: "pause-image",
  check({ container, policy }) {
    if (container.isPause === undefined || policy.trust !== "hostile") return undefined;
    return {
      refuse: true,
      sentence: `The root of the pod's infra container cannot be made read-only, and only the name of its image says that it is the engine's own.`,
      remedy: `Where it is, ${toExempt(policy, container)}.`,
    };
  },
};

/** A container that the engine has, writable: nothing can be changed in it any more. */
export const readOnlyRoot: PolicyRule = {
  name: "read-only-root",
  check({ container, policy, exists }) {
    if (!exists || container.readOnlyRoot) return undefined;
    const { grandfatherUntilMs } = policy;
    const grandfather =
      grandfatherUntilMs === undefined
        ? `; or let all that were made before the policy was enforced start for a while (grandfatherUntil: YYYY-MM-DD)`
        : ` (grandfatherUntil: ${untilText(grandfatherUntilMs)} does not hold for it)`;
    return {
      refuse: true,
      sentence: `Its root is writable: the container was made past the guard, or before policy ${policy.name} was enforced.`,
      remedy: `Remove it and make it again through the guard${grandfather}; or ${toExempt(policy, container)}.`,
    };
  },
};
