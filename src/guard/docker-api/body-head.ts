/** What a translator knows of a request beside its body. */
export interface BodyHead {
  /** `1.41`, for libpod `4.3.1`; absent when the client named none. */
  readonly version?: string;
  /** Decoded, in their order. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Media type without parameters, lower case; absent without the header. */
  readonly contentType?: string;
}

/** What a request's body may be: twice what the largest create bodies of Compose and Kubernetes tools reach. */
export const BODY_LIMITS = { maxBytes: 1 << 20, maxDepth: 64 } as const;
