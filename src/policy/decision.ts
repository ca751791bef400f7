import type { Exemption } from "../model/policy.ts";

/** What a policy says of one request, whatever its mode. */
export type Decision = Allow | Patch | Deny;

export interface Allow {
  readonly verdict: "allow";
  readonly notes: readonly Reason[];
  readonly exemption?: Exemption;
}

/** Allowed once all changes are made; an enforcement point that cannot make them denies, and names `flags`. */
export interface Patch {
  readonly verdict: "patch";
  readonly changes: readonly Change[];
  readonly notes: readonly Reason[];
  readonly exemption?: Exemption;
}

export interface Deny {
  readonly verdict: "deny";
  /** At least one. The last may be `expired-exemption`: what would have allowed it. */
  readonly reasons: readonly Reason[];
}

/** For the user's terminal. */
export interface Reason {
  /** `read-only-root`, `mount-over-code`: stable, for logs and metrics. */
  readonly rule: string;
  /** What, and why: one sentence that ends with a full stop. */
  readonly sentence: string;
  /** How to allow it: one sentence. */
  readonly remedy: string;
}

/** One change of a container, in the words of no engine. */
export type Change =
  | { readonly kind: "readOnlyRoot" }
  | {
      readonly kind: "tmpfs";
      readonly path: string;
      readonly sizeBytes: number;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly exec: boolean;
    }
  /** Anonymous without a name; starts with the image's content. */
  | {
      readonly kind: "volume";
      readonly path: string;
      readonly name?: string;
      readonly driver?: string;
      readonly options?: Readonly<Record<string, string>>;
    }
  /** Beside the runtime's own list. */
  | { readonly kind: "readOnlyPaths"; readonly paths: readonly string[] }
  | { readonly kind: "env"; readonly name: string; readonly value: string }
  | { readonly kind: "noNewPrivileges" }
  | { readonly kind: "pidsLimit"; readonly limit: number }
  | { readonly kind: "memory"; readonly bytes: number }
  | { readonly kind: "dropCapabilities"; readonly names: readonly string[] }
  | { readonly kind: "logDriver"; readonly driver: string; readonly options: Readonly<Record<string, string>> };
