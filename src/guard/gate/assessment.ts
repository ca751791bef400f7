import type { Change } from "../../policy/decision.ts";
import type { GuardRequest } from "../../policy/request.ts";
import type { Refusal } from "../api-call.ts";

/** What a call asks for, before any policy is looked at. */
export type Assessment =
  /** The engine will say itself that there is nothing to do it to; or the call does nothing that a policy speaks of. */
  | { readonly kind: "pass" }
  /**
   * `protocol`: whatever the policy's mode is. Otherwise a mode that changes nothing lets the engine judge what could not be read
   * here.
   */
  | { readonly kind: "refuse"; readonly rule: string; readonly protocol: boolean; readonly refusal: Refusal }
  /** All of them must be allowed. Without `rewrite` the engine cannot be asked for anything else than this. */
  | {
      readonly kind: "judge";
      readonly requests: readonly GuardRequest[];
      readonly rewrite?: (changes: readonly (readonly Change[])[]) => Buffer;
    };

export const PASS: Assessment = { kind: "pass" };

export function judge(...requests: readonly GuardRequest[]): Assessment {
  return { kind: "judge", requests };
}

export function refuse(status: number, rule: string, message: string): Assessment {
  return { kind: "refuse", rule, protocol: false, refusal: { status, message } };
}

/** Refused in each mode: forwarded, it would mean something else to some engine. */
export function refuseAlways(status: number, rule: string, message: string): Assessment {
  return { kind: "refuse", rule, protocol: true, refusal: { status, message } };
}
