import { PetrifyError } from "../model/errors.ts";
import type { ReadContainers } from "../audit/inputs.ts";

/** The containers of engines, running or not. Throws E_USAGE. */
export function auditEngines(): Promise<ReadContainers> {
  throw new PetrifyError("E_USAGE", "Nothing is named to audit.", {
    hint: "Name files or folders, - for standard input, or --changed.",
  });
}
