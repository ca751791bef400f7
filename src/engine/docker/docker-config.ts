import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { PetrifyError } from "../../model/errors.ts";

const configFile = z.object({
  currentContext: z.string().optional(),
  auths: z
    .record(z.string(), z.object({ auth: z.string().optional(), identitytoken: z.string().optional() }))
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
export type DockerConfig = z.infer<typeof configFile>;

/** Folder of the docker command's settings: DOCKER_CONFIG, else `~/.docker`. */
export function dockerConfigDirectory(env: NodeJS.ProcessEnv): string {
  return env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
}

/** The docker command's settings; empty when there are none. Throws E_IO when the file is there and not readable as such. */
export async function readDockerConfig(env: NodeJS.ProcessEnv): Promise<DockerConfig> {
  const path = join(dockerConfigDirectory(env), "config.json");
  const text = await readFileIfThere(path);
  if (text === undefined || text.trim() === "") return {};
  try {
    return configFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new PetrifyError("E_IO", `${path} is not a Docker configuration.`, {
      cause,
      hint: "Mend the file or move it away.",
    });
  }
}

/** Content of a file; undefined when it does not exist. Throws E_IO. */
export async function readFileIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new PetrifyError("E_IO", `${path} cannot be read (${String(code)}).`, {
      cause,
      hint: "Make it readable, or set HOME or DOCKER_CONFIG to where your own is.",
    });
  }
}
