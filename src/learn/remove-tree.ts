import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PetrifyError } from "../model/errors.ts";

const run = promisify(execFile);

/**
 * Removes a directory that a container could write to, and all in it. By rm(1), which goes down by descriptors: a workload
 * can nest directories deeper than any path can name, and Node's own removal goes by paths. Throws E_IO.
 */
export async function removeTree(directory: string): Promise<void> {
  try {
    await run("rm", ["-rf", "--one-file-system", "--", directory]);
  } catch (cause) {
    throw new PetrifyError("E_IO", `The temporary folder ${directory} cannot be removed.`, {
      hint: "Remove it by hand.",
      cause,
    });
  }
}
