import { PetrifyError } from "../model/errors.ts";
import { connectDocker } from "./docker/connect.ts";
import { formatEndpoint } from "./docker/endpoint.ts";
import type { Engine, EngineInfo } from "./engine.ts";
import { commandLineProbe } from "./probes/command-line.ts";
import { currentContextProbe } from "./probes/current-context.ts";
import { environmentProbe } from "./probes/environment.ts";
import type { Candidate, FindOptions, Probe } from "./probes/probe.ts";
import { socketProbes } from "./probes/sockets.ts";

/** In the order in which they are asked; the first engine that is named or answers is taken. */
export const PROBES: readonly Probe[] = [commandLineProbe, environmentProbe, currentContextProbe, ...socketProbes];

export interface FindSettings {
  readonly env?: NodeJS.ProcessEnv;
  /** Gets one line for each engine that is there, does not answer and was not asked for. */
  readonly onNote?: (line: string) => void;
  readonly probes?: readonly Probe[];
}

/**
 * The engine of this host, or the one that was asked for; undefined when there is none, and the embedded one may start.
 * An engine that was named and does not answer is an error, and is never replaced by another one.
 * Throws E_ENGINE_UNREACHABLE, E_ENGINE_UNSUPPORTED, E_ENGINE_API, E_USAGE, E_IO.
 */
export async function findEngine(options: FindOptions, settings: FindSettings = {}): Promise<Engine | undefined> {
  const { env = process.env, onNote = () => undefined, probes = PROBES } = settings;
  for (const probe of probes) {
    const candidate = await probe.find(options, env);
    if (candidate === undefined) continue;
    try {
      return await connectDocker(candidate.endpoint, candidate.foundBy);
    } catch (error) {
      if (candidate.named || !(error instanceof PetrifyError)) throw withOrigin(error, candidate);
      onNote(`${candidate.foundBy} is not used: ${error.message}`);
    }
  }
  return undefined;
}

/** What one probe found, for `petrify doctor`. */
export interface ProbeResult {
  readonly probe: string;
  readonly outcome: "answers" | "does not answer" | "not here" | "broken";
  /** Address or socket; empty when not here. */
  readonly host: string;
  readonly foundBy: string;
  /** Somebody asked for this very engine. */
  readonly named: boolean;
  readonly info?: EngineInfo;
  /** Why it does not answer, or why the probe failed. */
  readonly error?: PetrifyError;
}

/** Asks every probe, also those that `findEngine` would not come to. Never throws. */
export async function probeEngines(options: FindOptions, settings: FindSettings = {}): Promise<readonly ProbeResult[]> {
  const { env = process.env, probes = PROBES } = settings;
  return Promise.all(probes.map((probe) => runProbe(probe, options, env)));
}

async function runProbe(probe: Probe, options: FindOptions, env: NodeJS.ProcessEnv): Promise<ProbeResult> {
  let candidate: Candidate | undefined;
  try {
    candidate = await probe.find(options, env);
    if (candidate === undefined) return { probe: probe.name, outcome: "not here", ...NOWHERE };
    await using engine = await connectDocker(candidate.endpoint, candidate.foundBy);
    return { ...describe(probe, candidate), outcome: "answers", info: engine.info };
  } catch (cause) {
    const error = cause instanceof PetrifyError ? cause : new PetrifyError("E_INTERNAL", String(cause), { cause });
    return candidate === undefined
      ? { probe: probe.name, outcome: "broken", ...NOWHERE, error }
      : { ...describe(probe, candidate), outcome: "does not answer", error };
  }
}

const NOWHERE = { host: "", foundBy: "", named: false } as const;

function describe(
  probe: Probe,
  { endpoint, foundBy, named }: Candidate,
): Pick<ProbeResult, "probe" | "host" | "foundBy" | "named"> {
  return { probe: probe.name, host: formatEndpoint(endpoint), foundBy, named };
}

/** Says which of the user's settings named the engine that failed. */
function withOrigin(error: unknown, candidate: Candidate): unknown {
  if (!(error instanceof PetrifyError)) return error;
  return new PetrifyError(error.code, `${error.message.replace(/\.$/, "")} (named by ${candidate.foundBy}).`, {
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  });
}
