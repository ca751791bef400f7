import { readFile, stat } from "node:fs/promises";
import { PetrifyError } from "../../model/errors.ts";
import { seccompOf } from "../../model/seccomp.ts";

/**
 * Security options as the API wants them: a seccomp profile is its JSON text there, where files and command lines name its path
 * (docker/cli opts parseSecurityOpts). `unconfined` and `builtin` are words of the engine. Throws E_IO, E_USAGE.
 */
export async function withSeccompProfiles(options: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    options.map(async (option) => {
      const seccomp = seccompOf(option);
      return seccomp?.kind === "file" ? `seccomp=${await readProfile(seccomp.value)}` : option;
    }),
  );
}

/** Docker's own has 14 KB. */
const PROFILE_LIMIT_BYTES = 2 ** 20;

async function readProfile(path: string): Promise<string> {
  const text = await readRegular(path).catch((cause: unknown) => {
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

/** A pipe would block for ever, and a device has no end. */
async function readRegular(path: string): Promise<string> {
  const found = await stat(path);
  if (!found.isFile() || found.size > PROFILE_LIMIT_BYTES) throw new Error("it is not a file of a profile's size");
  return readFile(path, "utf8");
}
