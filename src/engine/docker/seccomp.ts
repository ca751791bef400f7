import { readFile } from "node:fs/promises";
import { PetrifyError } from "../../model/errors.ts";

/**
 * Security options as the API wants them: a seccomp profile is its JSON text there, where files and command lines name its path
 * (docker/cli opts parseSecurityOpts). `unconfined` and `builtin` are words of the engine. Throws E_IO, E_USAGE.
 */
export async function withSeccompProfiles(options: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    options.map(async (option) => {
      const path = /^seccomp[=:](\/.*)$/.exec(option)?.[1];
      return path === undefined ? option : `seccomp=${await readProfile(path)}`;
    }),
  );
}

async function readProfile(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new PetrifyError("E_IO", `The seccomp profile ${path} cannot be read.`, {
      hint: "Correct the path after --security-opt seccomp=.",
      cause,
    });
  });
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (cause) {
    throw new PetrifyError("E_USAGE", `The seccomp profile ${path} is not JSON.`, { cause });
  }
}
