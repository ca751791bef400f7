/**
 * What petrify and its helper inside the engine's network namespace say to each other over Node's IPC channel. A socket
 * stays in the network namespace it was made in, whichever process holds it: listeners travel along with the messages, so
 * the helper accepts on this host's loopback and connects inside, petrify accepts inside and connects on this host.
 */
export interface Target {
  readonly host: string;
  readonly port: number;
}

export type HelperRequest = { readonly id: number } & (
  | {
      /** Comes with a bound TCP server or UDP socket of the host; the forward is known by the id of this request. */
      readonly kind: "forward";
      readonly protocol: "tcp" | "udp";
      /** Without it each connection is reset. */
      readonly target?: Target;
    }
  | { readonly kind: "retarget"; readonly forward: number; readonly target: Target }
  /** Connections that exist go on. */
  | { readonly kind: "close"; readonly forward: number }
  /** Answered with a TCP server that listens inside the namespace. */
  | { readonly kind: "listen"; readonly host: string; readonly port: number }
);

export type HelperAnswer =
  | { readonly kind: "ready"; readonly namespace: string }
  | { readonly kind: "done"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly code: string; readonly message: string };
