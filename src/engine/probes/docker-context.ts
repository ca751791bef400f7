import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { PetrifyError } from "../../model/errors.ts";
import { dockerConfigDirectory, readFileIfThere } from "../docker/docker-config.ts";
import { parseEndpoint } from "../docker/endpoint.ts";
import type { Candidate } from "./probe.ts";
import { readTlsMaterial, tlsFromEnvironment } from "./tls.ts";

/** The docker command's name for its own default; it is no stored context. */
export const DEFAULT_CONTEXT = "default";
const DEFAULT_HOST = "unix:///var/run/docker.sock";

const metaFile = z.object({
  Name: z.string(),
  Endpoints: z.object({ docker: z.object({ Host: z.string(), SkipTLSVerify: z.boolean().optional() }) }),
});

/**
 * The engine of a stored docker context (docker/cli, cli/context/store): `contexts/meta/SHA256(name)/meta.json`, with
 * certificates in `contexts/tls/SHA256(name)/docker`. `default` is DOCKER_HOST's engine, else that of Docker's socket.
 * Throws E_ENGINE_UNREACHABLE for a context that does not exist, E_IO for one that is damaged, E_USAGE.
 */
export async function contextCandidate(name: string, env: NodeJS.ProcessEnv, namedBy: string): Promise<Candidate> {
  if (name === DEFAULT_CONTEXT) {
    const endpoint = parseEndpoint(env["DOCKER_HOST"] || DEFAULT_HOST, await tlsFromEnvironment(env));
    return { endpoint, foundBy: "context default", named: true };
  }
  const contexts = join(dockerConfigDirectory(env), "contexts");
  const key = createHash("sha256").update(name).digest("hex");
  const path = join(contexts, "meta", key, "meta.json");
  const text = await readFileIfThere(path);
  if (text === undefined)
    throw new PetrifyError("E_ENGINE_UNREACHABLE", `There is no docker context '${name}' (${namedBy}).`, {
      hint: "See `docker context ls`.",
    });
  const { Host, SkipTLSVerify } = parseMeta(text, path).Endpoints.docker;
  const tls = await readTlsMaterial(join(contexts, "tls", key, "docker"), SkipTLSVerify !== true);
  return { endpoint: parseEndpoint(Host, tls), foundBy: `context ${name}`, named: true };
}

function parseMeta(text: string, path: string): z.infer<typeof metaFile> {
  try {
    return metaFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new PetrifyError("E_IO", `${path} is no docker context with an engine.`, {
      cause,
      hint: "Make the context anew with `docker context create`.",
    });
  }
}
