import type { ApiCall } from "../api-call.ts";

/** The value of a parameter as Go's Form.Get reads it: the first of this name. */
export function queryValue({ target }: ApiCall, name: string): string | undefined {
  return target.query.find(([key]) => key === name)?.[1];
}

/** Whether a parameter is there in any case: Podman (gorilla/schema) takes names without regard to it. */
export function hasQuery({ target }: ApiCall, name: string): boolean {
  return target.query.some(([key]) => key.toLowerCase() === name);
}
