import { setTimeout as sleep } from "node:timers/promises";
import type { Engine, EngineInfo, InspectedContainer } from "../../engine/engine.ts";
import { PetrifyError } from "../../model/errors.ts";
import type { AuditNote, AuditProblem, AuditSource } from "../../model/finding.ts";
import { dataAtRisk } from "../../strategy/at-risk.ts";
import type { AuditedContainer, AuditState } from "../container.ts";
import type { ReadContainers } from "../inputs.ts";
import { imageFacts } from "./image-facts.ts";

/** Containers that are asked for at once: enough to hide the way to a remote engine, few enough for a small one. */
const AT_ONCE = 8;
/** Changed files of one container that an engine is asked for singly, at some milliseconds each. */
const MOST_FILES = 1_000;

export interface EngineAudit {
  /** Names or ids; empty: every container. */
  readonly containers: readonly string[];
  /** False: nobody looks at what lies in containers' own layers. */
  readonly data: boolean;
  readonly onProgress?: (step: string) => void;
  readonly signal?: AbortSignal;
}

export interface ReadEngine extends ReadContainers {
  readonly notes: readonly AuditNote[];
}

/** `docker (context prod)`, `podman (unix:///run/podman.sock)`. */
export function engineName({ kind, foundBy, host }: EngineInfo): string {
  return `${kind} (${foundBy === "--host" ? host : foundBy})`;
}

/**
 * The containers of an engine, running or not, by asking only: none is started, stopped, changed or entered. One that cannot be
 * read is a problem, and the rest goes on. Throws E_INTERRUPTED, and what listing the containers throws.
 */
export async function readEngine(engine: Engine, options: EngineAudit): Promise<ReadEngine> {
  const source: AuditSource = { kind: "engine", name: engineName(engine.info) };
  const named = [...new Set(options.containers)];
  const wanted = named.length > 0 ? named : await engine.containers("all");
  const parts: ReadEngine[] = [];
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    options.onProgress?.(`${Math.min(start + AT_ONCE, wanted.length)} of ${wanted.length} containers`);
    const some = wanted.slice(start, start + AT_ONCE);
    parts.push(...(await Promise.all(some.map((one) => readContainer(engine, one, source, options)))));
    if (options.signal?.aborted === true) throw new PetrifyError("E_INTERRUPTED", "The audit was interrupted.");
  }
  const byName = parts.flatMap(({ containers }) => containers).toSorted((a, b) => (a.workload < b.workload ? -1 : 1));
  return {
    // One that was named by name and by id.
    containers: [...new Map(byName.map((container) => [container.workload, container])).values()],
    problems: parts.flatMap(({ problems }) => problems),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

const NOTHING: ReadEngine = { containers: [], problems: [], notes: [] };

async function readContainer(
  engine: Engine,
  reference: string,
  source: AuditSource,
  { containers: named, data, onProgress }: EngineAudit,
): Promise<ReadEngine> {
  let found: InspectedContainer | undefined;
  try {
    found = await engine.inspect(reference);
  } catch (error) {
    return { ...NOTHING, problems: [problemOf(source.name, reference, error)] };
  }
  if (found === undefined) {
    // Gone since it was listed.
    return named.length === 0 ? NOTHING : { ...NOTHING, problems: [noContainer(source.name, reference)] };
  }
  // The engine's own, that holds the namespaces of a pod.
  if (found.isInfrastructure) return NOTHING;
  const { name, image, settings, unknown } = found;
  if (data) onProgress?.(`what lies in ${name}'s own layer`);
  const told = await stateOrGone(engine, found, source.name, data);
  if (told === undefined && named.length === 0) return NOTHING;
  if (told === undefined) return { ...NOTHING, problems: [noContainer(source.name, reference)] };
  const { state, problems, notes } = told;
  const container: AuditedContainer = {
    source,
    workload: name,
    role: "main",
    os: "linux",
    settings,
    ...(unknown.length === 0 ? {} : { unknown }),
    ...(image === undefined ? {} : { image: imageFacts(image) }),
    state,
    strategy: { standing: "none" },
  };
  return { containers: [container], problems, notes };
}

const WITHOUT_DATA: ReadonlySet<string> = new Set(["created", "removing", "dead"]);

type Told = { readonly state: AuditState } & Omit<ReadEngine, "containers">;

async function stateOf(engine: Engine, container: InspectedContainer, source: string, data: boolean): Promise<Told> {
  const { status, health } = container.state;
  const isAlive = status === "running" || status === "paused";
  const [processes, layer] = await Promise.allSettled([
    isAlive ? engine.processes(container) : [],
    // Nothing can have written into one that never ran, and one that goes has nothing left to lose.
    data && !WITHOUT_DATA.has(status) ? engine.changes(container, MOST_FILES) : undefined,
  ]);
  const found = processes.status === "fulfilled" ? processes.value : [];
  const changed = layer.status === "fulfilled" ? layer.value : undefined;
  return {
    state: {
      status,
      health,
      ...(found.length === 0 ? {} : { processes: found }),
      ...(changed === undefined ? {} : { atRisk: dataAtRisk(changed.changes, [], []) }),
    },
    problems: layer.status === "rejected" ? [problemOf(source, container.name, layer.reason)] : [],
    notes: (changed?.unread ?? []).map((reason) => ({
      source,
      message: `${container.name} may hold more data in its own layer: ${reason}.`,
    })),
  };
}

/** Times that a container is asked for again, and the pause before each: engines take theirs apart while they still list them. */
const TRIES = 5;
const PAUSE_MS = 200;

/** Undefined when it is removed meanwhile. */
async function stateOrGone(
  engine: Engine,
  container: InspectedContainer,
  source: string,
  data: boolean,
): Promise<Told | undefined> {
  for (let tries = 1; ; tries += 1) {
    const told = await stateOf(engine, container, source, data);
    if (told.problems.length === 0 || tries === TRIES) return told;
    await sleep(PAUSE_MS);
    if ((await engine.inspect(container.id)) === undefined) return undefined;
  }
}

function noContainer(source: string, reference: string): AuditProblem {
  const message = `There is no container '${reference}'.`;
  return { source, code: "E_CONTAINER_NOT_FOUND", message, hint: "See `docker ps --all`." };
}

/** Throws what is no PetrifyError. */
export function problemOf(source: string, what: string, error: unknown): AuditProblem {
  if (!(error instanceof PetrifyError)) throw error;
  const { code, message, hint } = error;
  return { source, code, message: `${what}: ${message}`, ...(hint === undefined ? {} : { hint }) };
}
