import { PetrifyError } from "../../model/errors.ts";

/** E_REQUEST_CHANGE: `what` a policy asks for cannot be written into this request; `remedy` is what the client can do instead. */
export function changeError(what: string, remedy: string): PetrifyError {
  return new PetrifyError("E_REQUEST_CHANGE", what, { hint: remedy });
}
