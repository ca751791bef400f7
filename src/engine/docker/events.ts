import { PetrifyError } from "../../model/errors.ts";
import type { ContainerEvent, Watching } from "../engine.ts";
import type { ApiRequest, DockerApi } from "./api.ts";
import { parseJson, readLines } from "./body.ts";
import { eventLine } from "./schemas.ts";

const ACTIONS = ["create", "start", "kill", "die", "destroy"] as const;
const ACTION = "follow what happens to containers";

interface TimedEvent {
  readonly event: ContainerEvent;
  /** Of the engine's clock; in order. */
  readonly timeNs: number;
}

/** Follows the engine's events; resolved when it has begun to answer, so that nothing that happens after it is missed. */
export async function watchContainers(
  api: DockerApi,
  onEvent: (event: ContainerEvent) => void,
  onLost: (error: Error) => void,
): Promise<Watching> {
  const since = String(Math.floor(Date.now() / 1000));
  const response = await api.open({ ...request({}), timeoutMs: Infinity });
  let toldNs = 0;
  const waiting = new Set<{ readonly untilNs: number; readonly resolve: () => void }>();
  let ended = false;
  const read = async (): Promise<void> => {
    for await (const line of readLines(response, ACTION)) {
      const told = timedEvent(line);
      if (told === undefined || ended) continue;
      onEvent(told.event);
      toldNs = told.timeNs;
      for (const one of waiting) if (one.untilNs <= toldNs) one.resolve();
    }
    throw new PetrifyError("E_ENGINE_LOST", "The engine stopped telling what happens to containers.");
  };
  const reading = read().catch((error: unknown) => {
    if (!ended) onLost(error instanceof PetrifyError ? error : api.lost(error));
    throw error;
  });
  reading.catch(() => {});
  return {
    async flush() {
      // The engine remembers its last events: until the latest of them has been told, something is still on its way.
      const untilNs = (await history(api, since)).at(-1)?.timeNs ?? 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add({ untilNs, resolve });
      if (toldNs < untilNs) await Promise.race([promise, reading]);
    },
    [Symbol.dispose]() {
      ended = true;
      response.destroy();
    },
  };
}

async function history(api: DockerApi, since: string): Promise<readonly TimedEvent[]> {
  const until = (Date.now() / 1000).toFixed(6);
  const response = await api.open(request({ since, until }));
  const events: TimedEvent[] = [];
  for await (const line of readLines(response, ACTION)) {
    const told = timedEvent(line);
    if (told !== undefined) events.push(told);
  }
  return events;
}

function request(query: Readonly<Record<string, string>>): ApiRequest {
  const filters = JSON.stringify({ type: ["container"], event: ACTIONS });
  return { action: ACTION, method: "GET", path: "/events", query: { ...query, filters } };
}

/** Undefined for what is none of the events that were asked for. */
function timedEvent(line: string): TimedEvent | undefined {
  const parsed = eventLine.safeParse(parseJson(line, ACTION));
  const action = ACTIONS.find((known) => known === parsed.data?.Action);
  if (!parsed.success || action === undefined) return undefined;
  const { timeNano, Actor } = parsed.data;
  const exitCode = Number.parseInt(Actor.Attributes["exitCode"] ?? "", 10);
  const event = { action, id: Actor.ID, ...(Number.isNaN(exitCode) ? {} : { exitCode }) };
  return { event, timeNs: timeNano };
}
