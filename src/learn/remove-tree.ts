import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { PetrifyError } from "../model/errors.ts";

/** More than fingers press Ctrl-C, which ends a child a moment after its fork. */
const STARTS = 10;

/**
 * Removes a directory that a container could write to, and all in it. Throws E_IO.
 *
 * A workload can nest directories deeper than any path can name. Node's removal goes by paths and fails there; rm(1) goes
 * down by descriptors. It has a session of its own, so that a second Ctrl-C does not end it.
 */
export async function removeTree(directory: string): Promise<void> {
  const failed = await rm(directory, { recursive: true, force: true }).then(
    () => undefined,
    (cause: unknown) => ({ cause }),
  );
  if (failed === undefined) return;
  for (let starts = 0; starts < STARTS; starts++) {
    const child = spawn("rm", ["-rf", "--one-file-system", "--", directory], { detached: true, stdio: "ignore" });
    const [exitCode] = (await once(child, "exit")) as [number | null];
    if (exitCode === 0) return;
    if (exitCode !== null) break;
  }
  throw new PetrifyError("E_IO", `The temporary folder ${directory} cannot be removed.`, {
    hint: "Remove it by hand.",
    ...failed,
  });
}
