import type { Change } from "../../policy/decision.ts";
import type { GuardRequest } from "../../policy/request.ts";
import type { ApiCall, Refusal } from "../api-call.ts";
import type { ExistingContainer } from "./lookups.ts";

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
      /** Of the one container that was looked at, and that the call must reach whatever name it has by then. */
      readonly id?: string;
      readonly rewrite?: (changes: readonly (readonly Change[])[]) => Buffer;
    };

export const PASS: Assessment = { kind: "pass" };

export function judge(...requests: readonly GuardRequest[]): Assessment {
  return { kind: "judge", requests };
}

/** `requests` about the one container that the first `{}` of the route names. */
export function judgeOf({ id }: ExistingContainer, ...requests: readonly GuardRequest[]): Assessment {
  return { kind: "judge", requests, ...(id !== undefined && { id }) };
}

/**
 * In the words of the engine, which are what clients look for. Left to the engine, the call could reach another container, which gets this
 * name in between.
 */
export function refuseMissing(name: string, { target }: ApiCall): Assessment {
  const message = target.libpod
    ? `no container with name or ID ${JSON.stringify(name)} found: no such container`
    : `No such container: ${name}`;
  return refuse(404, "container-missing", message);
}

export function refuse(status: number, rule: string, message: string): Assessment {
  return { kind: "refuse", rule, protocol: false, refusal: { status, message } };
}

/** Refused in each mode: forwarded, it would mean something else to some engine. */
export function refuseAlways(status: number, rule: string, message: string): Assessment {
  return { kind: "refuse", rule, protocol: true, refusal: { status, message } };
}
