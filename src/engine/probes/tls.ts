import { join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import { dockerConfigDirectory, readFileIfThere } from "../docker/docker-config.ts";
import type { TlsMaterial } from "../docker/endpoint.ts";

/** The certificates in `directory` under Docker's names; undefined when there are none. Throws E_IO for half a pair. */
export async function readTlsMaterial(directory: string, verify: boolean): Promise<TlsMaterial | undefined> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readFileIfThere(join(directory, name))),
  );
  if (ca === undefined && cert === undefined && key === undefined) return verify ? undefined : { verify };
  if ((cert === undefined) !== (key === undefined))
    throw new PetrifyError(
      "E_IO",
      `${directory} has ${cert === undefined ? "key.pem but no cert.pem" : "cert.pem but no key.pem"}.`,
      {
        hint: "A client certificate needs both files.",
      },
    );
  return {
    verify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/**
 * TLS as the environment asks for it: DOCKER_TLS_VERIFY (any text, even `0`, as in the docker command) with the files of
 * DOCKER_CERT_PATH, else of the docker command's folder. DOCKER_TLS alone encrypts without checking the server.
 */
export async function tlsFromEnvironment(env: NodeJS.ProcessEnv): Promise<TlsMaterial | undefined> {
  const verify = Boolean(env["DOCKER_TLS_VERIFY"]);
  if (!verify && !env["DOCKER_TLS"]) return undefined;
  return (await readTlsMaterial(env["DOCKER_CERT_PATH"] || dockerConfigDirectory(env), verify)) ?? { verify };
}
