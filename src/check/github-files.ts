import { appendFile, readFile } from "node:fs/promises";
import { PetrifyError } from "../model/errors.ts";

const MAX_DOCKERFILE_BYTES = 2 ** 20;

/** Text of a Dockerfile; undefined when there is none to read. */
export async function readDockerfile(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined || text.length > MAX_DOCKERFILE_BYTES ? undefined : text;
}

/** Appends to the file that GitHub names in GITHUB_STEP_SUMMARY; nothing when it names none. Throws E_IO. */
export async function appendSummary(file: string | undefined, text: string): Promise<void> {
  if (file === undefined || file === "") return;
  try {
    await appendFile(file, text);
  } catch (cause) {
    throw new PetrifyError("E_IO", `The job summary ${file} cannot be written.`, {
      hint: "Check GITHUB_STEP_SUMMARY, or give --no-github.",
      cause,
    });
  }
}
