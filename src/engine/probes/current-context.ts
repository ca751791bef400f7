import { readDockerConfig } from "../docker/docker-config.ts";
import { contextCandidate, DEFAULT_CONTEXT } from "./docker-context.ts";
import type { Probe } from "./probe.ts";

/** What `docker context use` chose. */
export const currentContextProbe: Probe = {
  name: "docker context",
  async find(_options, env) {
    const { currentContext } = await readDockerConfig(env);
    // The default context is nobody's choice: the sockets that follow are it.
    return currentContext === undefined || currentContext === "" || currentContext === DEFAULT_CONTEXT
      ? undefined
      : contextCandidate(currentContext, env, "docker context use");
  },
};
