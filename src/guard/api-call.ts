import type { Caller } from "../policy/request.ts";

/** One call of a Docker or libpod API, as far as its head tells; the same from the proxied socket and from dockerd's authorization. */
export interface ApiCall {
  /** Upper case. */
  readonly method: string;
  readonly target: ApiTarget;
  /** Media type without parameters, lower case; absent without the header. */
  readonly contentType?: string;
  readonly caller: Caller;
}

/** A request target in the one spelling that is let through. */
export interface ApiTarget {
  /** `1.41`; absent when the client named none. For libpod `4.3.1`. */
  readonly version?: string;
  readonly libpod: boolean;
  /** Path without version and `libpod`, decoded, one part each: `["containers", "create"]`. No part is empty, `.` or `..`. */
  readonly parts: readonly string[];
  /** Decoded, in their order. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** What a call needs before it may go to the engine. */
export type Plan =
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  /** Forwarded as it comes, the body copied. */
  | { readonly kind: "stream" }
  /** Judged by head alone, then the body is copied: `build`, `copy`. */
  | { readonly kind: "judgeHead" }
  /** Judged with its body, which is at most this long; then forwarded with the body that the answer gives. */
  | { readonly kind: "judgeBody"; readonly maxBytes: number }
  /** Must have no body; judged, then forwarded. */
  | { readonly kind: "judgeWithoutBody" }
  /**
   * After the engine's 101, or its 200 with a hijacked stream, both ways carry what they want: attach, exec start, session, grpc.
   * Judged before, with its body (exec start has one) of at most `maxBytes`.
   */
  | { readonly kind: "hijack"; readonly maxBytes: number };

export interface Refusal {
  readonly status: number;
  /** For the terminal: what was refused, why, how to allow it. */
  readonly message: string;
}

export type Answer =
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  | {
      readonly kind: "forward";
      /** In place of the client's; absent: unchanged. */
      readonly body?: Buffer;
      /** In place of the client's: names what was judged by its id, as a name may be another's a moment later. Absent: unchanged. */
      readonly target?: ApiTarget;
      /** What the engine would be asked to change, as docker's flags: for an enforcement point that cannot change a body. */
      readonly flags?: readonly string[];
      /** To be told to the client where the answer has a place for it (`Warnings`). */
      readonly warnings: readonly string[];
    };

/** Judges calls by a policy: the same for each enforcement point in front of a Docker API. */
export interface Gate {
  plan(call: ApiCall): Plan;
  /** `body`: whole, for plans that ask for it. Never throws: what cannot be judged is refused. */
  judge(call: ApiCall, body: Buffer | undefined): Promise<Answer>;
}
