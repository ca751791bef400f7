import type { Policy } from "../model/policy.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Decision } from "./decision.ts";
import type { Caller, GuardRequest } from "./request.ts";

/** What `decide` must know beside the request. */
export interface Circumstances {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Those of the policy's folder. */
  readonly strategies: readonly Strategy[];
  /** Since when the enforcement point knows this policy: containers made before may be grandfathered. Milliseconds since 1970. */
  readonly policySinceMs: number;
}

/**
 * What the policy says of a request; pure, and the same for each enforcement point. Of a request with all changes made it says
 * `allow`. The policy's mode is the enforcement point's: audit and warn carry nothing out.
 */
export function decide(_request: GuardRequest, _policy: Policy, _circumstances: Circumstances): Decision {
  throw new Error("not yet");
}
