import type { Change } from "../../policy/decision.ts";
import type { ContainerRequest } from "../../policy/request.ts";

/** A request to make containers, read as the engine reads it. */
export interface CreateRequest {
  /** One, but for pods and kube files. Without `image`, which the engine is asked for. */
  readonly containers: readonly Omit<ContainerRequest, "image">[];
  /**
   * The body to send in place of the client's, in canonical spelling, with each container's changes made; without changes it means
   * to the engine what the client's did.
   */
  body(changes: readonly (readonly Change[])[]): Buffer;
}
