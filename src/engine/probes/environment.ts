import { parseEndpoint } from "../docker/endpoint.ts";
import { contextCandidate } from "./docker-context.ts";
import type { Probe } from "./probe.ts";
import { tlsFromEnvironment } from "./tls.ts";

/** DOCKER_HOST wins over DOCKER_CONTEXT, as in the docker command (docker/cli, resolveContextName). */
export const environmentProbe: Probe = {
  name: "environment",
  async find(_options, env) {
    const dockerHost = env["DOCKER_HOST"];
    if (dockerHost) {
      const endpoint = parseEndpoint(dockerHost, await tlsFromEnvironment(env));
      return { endpoint, foundBy: "DOCKER_HOST", named: true };
    }
    const context = env["DOCKER_CONTEXT"];
    if (context) return contextCandidate(context, env, "DOCKER_CONTEXT");
    const containerHost = env["CONTAINER_HOST"];
    if (containerHost) return { endpoint: parseEndpoint(containerHost), foundBy: "CONTAINER_HOST", named: true };
    return undefined;
  },
};
