import type { Command } from "commander";
import type { ReadEngine } from "../audit/sources/engine.ts";
import { PetrifyError } from "../model/errors.ts";
import { interruption } from "./cleanup.ts";
import type { StatusLine } from "./render/status-line.ts";

export interface EngineFlags {
  readonly host?: readonly string[];
  readonly context?: readonly string[];
  readonly container?: readonly string[];
  readonly image?: readonly string[];
  readonly data?: boolean;
}

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** Adds the options of `petrify audit` that are about engines. */
export function auditEngineOptions<C extends Command>(command: C): C {
  return command
    .option(
      "--host <address>",
      "audit the containers of this engine: unix:///path, tcp://host:port, ssh://user@host (repeatable)",
      collect,
    )
    .option("--context <name>", "audit the containers of this docker context's engine (repeatable)", collect)
    .option("--container <name>", "only the container of this name or id (repeatable)", collect)
    .option("--image <reference>", "audit an image that the engine has, by itself (repeatable)", collect)
    .option("--no-data", "do not look at what lies in containers' own layers");
}

/** Whether the command line speaks of an engine. */
export function namesEngine({ host, context, container, image }: EngineFlags): boolean {
  return [host, context, container, image].some((values) => values !== undefined);
}

/**
 * The containers and images of the engines that were named, else of the one that this host has; none is ever started. An engine that
 * does not answer is a problem, and the others go on. Throws E_ENGINE_UNREACHABLE when nobody named one and there is none.
 */
export async function auditEngines(flags: EngineFlags): Promise<ReadEngine> {
  const { openStatusLine } = await import("./render/status-line.ts");
  using status = openStatusLine();
  const { host: hosts = [], context: contexts = [] } = flags;
  const choices = [...hosts.map((host) => ({ host })), ...contexts.map((context) => ({ context }))];
  const parts: ReadEngine[] = [];
  const seen = new Map<string, string>();
  for (const choice of choices.length === 0 ? [{}] : choices)
    parts.push(await auditEngine(choice, flags, { status, seen }));
  return {
    containers: parts.flatMap(({ containers }) => containers),
    problems: parts.flatMap(({ problems }) => problems),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

interface Round {
  readonly status: StatusLine;
  /** Addresses of the engines that were audited, and what they are called. */
  readonly seen: Map<string, string>;
}

async function auditEngine(
  choice: { readonly host?: string; readonly context?: string },
  { container = [], image = [], data = true }: EngineFlags,
  { status, seen }: Round,
): Promise<ReadEngine> {
  const { engineName, problemOf, readEngine } = await import("../audit/sources/engine.ts");
  const { findEngine } = await import("../engine/find.ts");
  const { EMBEDDED_HOST } = await import("../engine/embedded/start.ts");
  const { engineLine } = await import("./session.ts");
  const named = choice.context === undefined ? choice.host : `context ${choice.context}`;
  try {
    status.phase("looking for an engine");
    if (choice.host === EMBEDDED_HOST) throw noContainers();
    await using engine = await findEngine(choice, { onNote: (line) => status.print(line) });
    if (engine === undefined) throw noEngine();
    status.print(engineLine(engine.info));
    const name = engineName(engine.info);
    const same = seen.get(engine.info.host);
    if (same !== undefined)
      return { containers: [], problems: [], notes: [{ source: name, message: `It is the same engine as ${same}.` }] };
    seen.set(engine.info.host, name);
    status.phase(`reading ${name}`);
    const options = { containers: container, data, onProgress: status.detail.bind(status), signal: interruption };
    const ofContainers = container.length > 0 || image.length === 0 ? await readEngine(engine, options) : undefined;
    const { readImages } = await import("../audit/sources/image.ts");
    const ofImages = await readImages(engine, image);
    return {
      containers: [...(ofContainers?.containers ?? []), ...ofImages.containers],
      problems: [...(ofContainers?.problems ?? []), ...ofImages.problems],
      notes: [...(ofContainers?.notes ?? []), ...ofImages.notes],
    };
  } catch (error) {
    if (named === undefined || interruption.aborted) throw error;
    return { containers: [], problems: [problemOf(named, "Not audited", error)], notes: [] };
  }
}

function noEngine(): PetrifyError {
  return new PetrifyError(
    "E_ENGINE_UNREACHABLE",
    "This host has no container engine, so there are no containers to audit.",
    {
      hint: "Name files or folders (petrify audit .), or an engine: --host, --context.",
    },
  );
}

function noContainers(): PetrifyError {
  return new PetrifyError("E_USAGE", "The embedded engine holds no containers of yours.", {
    hint: "Name the address of an engine that you run.",
  });
}
