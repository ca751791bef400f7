import type { Change } from "../../policy/decision.ts";
import type { Caller, GuardRequest } from "../../policy/request.ts";
import type { PolicyMode } from "../../model/policy.ts";

/** One decision, for the log and the metrics. */
export interface Decided {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly policy: string;
  /** The mode that it was made in: what `enforce` would have done is `verdict`, in each. */
  readonly mode: PolicyMode;
  readonly method: string;
  /** `POST containers/{}/start`. */
  readonly route: string;
  readonly caller: Caller;
  readonly verdict: "allow" | "patch" | "deny" | "error";
  readonly rules: readonly string[];
  /** With `verdict: "patch"`: what is changed, or would be. */
  readonly changes?: readonly Change[];
  /** Absent when the call was refused or failed before it was known what it asks for. */
  readonly request?: GuardRequest;
  /** Code of what failed, with `verdict: "error"`. */
  readonly errorCode?: string;
  /** The reason of the exemption that held. */
  readonly exemption?: string;
  readonly durationMs: number;
}

/** Told of each decision; never throws, never waits. */
export interface Observer {
  decided(decision: Decided): void;
}
