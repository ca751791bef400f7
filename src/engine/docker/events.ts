import { PetrifyError } from "../../model/errors.ts";
import type { ContainerEvent, Watching } from "../engine.ts";
import type { ApiRequest, DockerApi } from "./api.ts";
import { parseJson, readLines } from "./body.ts";
import { eventLine, systemTime } from "./schemas.ts";

const ACTIONS = ["create", "start", "kill", "die", "destroy"] as const;
export const EVENTS_ACTION = "follow what happens to containers";

interface TimedEvent {
  readonly event: ContainerEvent;
  /** What tells it from every other one. */
  readonly key: string;
}

/** Events that were told and may be asked for again; the engine itself remembers fewer (daemon/events in moby: 256). */
const REMEMBERED_KEYS = 1024;

/**
 * Follows the engine's events; nothing that happens after this has resolved is missed.
 *
 * Docker sends the head of its answer before it listens for events, and what is told of the past is chosen by the engine's clock
 * alone: so every question starts at a time that the engine itself named.
 */
export async function watchContainers(
  api: DockerApi,
  onEvent: (event: ContainerEvent) => void,
  onLost: (error: Error) => void,
): Promise<Watching> {
  const since = await engineTime(api);
  const response = await api.open({ ...request({ since }), timeoutMs: Infinity });
  const toldKeys = new Set<string>();
  const waiting = new Set<{ readonly key: string; readonly resolve: () => void }>();
  let ended = false;
  const read = async (): Promise<void> => {
    for await (const line of readLines(response, EVENTS_ACTION)) {
      const told = timedEvent(line);
      if (told === undefined || ended) continue;
      onEvent(told.event);
      toldKeys.add(told.key);
      for (const oldest of toldKeys) {
        if (toldKeys.size <= REMEMBERED_KEYS) break;
        toldKeys.delete(oldest);
      }
      for (const { key, resolve } of waiting) if (key === told.key) resolve();
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
      // Both streams tell the same events in the same order: when the latest one has come, so have those before it.
      const latest = (await history(api, since)).at(-1);
      if (latest === undefined || toldKeys.has(latest.key)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const one = { key: latest.key, resolve };
      waiting.add(one);
      await Promise.race([promise, reading]).finally(() => waiting.delete(one));
    },
    [Symbol.dispose]() {
      ended = true;
      response.destroy();
    },
  };
}

/** The engine's own time, as its questions about the past want it: seconds, with nanoseconds after the point. */
export async function engineTime(api: DockerApi): Promise<string> {
  const { SystemTime } = await api.json({ action: "ask for the time", method: "GET", path: "/info" }, systemTime);
  const [, seconds = "", fraction = "", zone = ""] =
    /^([^.]*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(SystemTime) ?? [];
  const sinceEpoch = Date.parse(seconds + zone);
  if (Number.isNaN(sinceEpoch))
    throw new PetrifyError("E_ENGINE_API", `The engine's time is none: ${JSON.stringify(SystemTime.slice(0, 60))}.`);
  return `${sinceEpoch / 1000}.${fraction.padEnd(9, "0")}`;
}

async function history(api: DockerApi, since: string): Promise<readonly TimedEvent[]> {
  const response = await api.open(request({ since, until: await engineTime(api) }));
  const events: TimedEvent[] = [];
  for await (const line of readLines(response, EVENTS_ACTION)) {
    const told = timedEvent(line);
    if (told !== undefined) events.push(told);
  }
  return events;
}

function request(query: Readonly<Record<string, string>>): ApiRequest {
  const filters = JSON.stringify({ type: ["container"], event: ACTIONS });
  return { action: EVENTS_ACTION, method: "GET", path: "/events", query: { ...query, filters } };
}

/** Undefined for what is none of the events that were asked for. */
function timedEvent(line: string): TimedEvent | undefined {
  const parsed = eventLine.safeParse(parseJson(line, EVENTS_ACTION));
  const action = ACTIONS.find((known) => known === parsed.data?.Action);
  if (!parsed.success || action === undefined) return undefined;
  const { timeNano, Actor } = parsed.data;
  const exitCode = Number.parseInt(Actor.Attributes["exitCode"] ?? "", 10);
  const event = { action, id: Actor.ID, ...(Number.isNaN(exitCode) ? {} : { exitCode }) };
  return { event, key: `${timeNano} ${action} ${Actor.ID}` };
}
