import type { Endpoint } from "../docker/endpoint.ts";

/** What the command line may say about the engine. */
export interface FindOptions {
  /** `--host`: an address as in DOCKER_HOST. */
  readonly host?: string;
  /** `--context`: a docker context. */
  readonly context?: string;
}

/** An engine that a probe found named or placed somewhere; whether it answers is another question. */
export interface Candidate {
  readonly endpoint: Endpoint;
  /** Ends the first line of output: `DOCKER_HOST`, `context prod`, `socket /var/run/docker.sock`. */
  readonly foundBy: string;
  /** Somebody asked for this very engine: when it does not answer, no other one may take its place. */
  readonly named: boolean;
}

/** One way to find an engine. `find` gives undefined for "not here", and throws for "here, and not usable". */
export interface Probe {
  readonly name: string;
  find(options: FindOptions, env: NodeJS.ProcessEnv): Promise<Candidate | undefined>;
}
