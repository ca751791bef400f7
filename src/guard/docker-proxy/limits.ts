export interface ProxyLimits {
  /** From the first byte of a request's head, or the beginning of the connection, to the head's end. */
  readonly headMs: number;
  /** For a body that is judged, until it is complete. Bodies that are copied may take as long as they want. */
  readonly bodyMs: number;
  /** How long the rest of a refused body is read away, so that the client comes to read the refusal. */
  readonly lingerMs: number;
  /** Clients at a time. */
  readonly connections: number;
}

export const DEFAULT_LIMITS: ProxyLimits = { headMs: 30_000, bodyMs: 60_000, lingerMs: 10_000, connections: 1024 };
