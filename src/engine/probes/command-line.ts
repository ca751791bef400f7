import { PetrifyError } from "../../model/errors.ts";
import { parseEndpoint } from "../docker/endpoint.ts";
import { contextCandidate } from "./docker-context.ts";
import type { Probe } from "./probe.ts";
import { tlsFromEnvironment } from "./tls.ts";

/** `--host` or `--context`. */
export const commandLineProbe: Probe = {
  name: "command line",
  async find({ host, context }, env) {
    if (host !== undefined && context !== undefined)
      throw new PetrifyError("E_USAGE", "--host and --context both name an engine.", { hint: "Give one of them." });
    if (context !== undefined) return contextCandidate(context, env, "--context");
    if (host === undefined) return undefined;
    return { endpoint: parseEndpoint(host, await tlsFromEnvironment(env)), foundBy: "--host", named: true };
  },
};
