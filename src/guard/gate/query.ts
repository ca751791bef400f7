import type { ApiCall } from "../api-call.ts";
import { bodyError } from "../docker-api/go-json/body-error.ts";

/**
 * The value of a parameter that decides. Docker takes the first of the exact name (Go's Form.Get); Podman the last, in any case of
 * letters (gorilla/schema), so that only what is there once, in this spelling, is understood. Throws E_REQUEST_BODY.
 */
export function queryValue({ target }: ApiCall, name: string): string | undefined {
  const [first, ...more] = target.query.filter(([key]) => key.toLowerCase() === name);
  if (first === undefined) return undefined;
  if (more.length > 0 || first[0] !== name)
    throw bodyError(
      "",
      `comes with the parameter ${name} twice, or in another spelling, which engines read differently`,
    );
  return first[1];
}

/** Whether a parameter is there in any case: Podman (gorilla/schema) takes names without regard to it. */
export function hasQuery({ target }: ApiCall, name: string): boolean {
  return target.query.some(([key]) => key.toLowerCase() === name);
}
