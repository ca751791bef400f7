import { PetrifyError } from "../../../model/errors.ts";

/** E_REQUEST_BODY with a sentence for the client; `path`: `HostConfig.Memory`, empty for the body itself. */
export function bodyError(path: string, problem: string): PetrifyError {
  return new PetrifyError("E_REQUEST_BODY", `${path === "" ? "The request's body" : path} ${problem}.`, {
    hint: "Correct the request: a body that could be read in two ways is not passed on.",
  });
}
