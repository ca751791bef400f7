import type { CreateCall } from "./create/read.ts";

/** What a translator knows of a request beside its body. */
export interface BodyHead extends CreateCall {
  /** Media type without parameters, lower case; absent without the header. */
  readonly contentType?: string;
}

/** Go's own bound is 10,000; no field of what is read here lies deeper than 16. */
export const MAX_DEPTH = 64;
