import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { IncomingMessage } from "node:http";
import { PetrifyError } from "../../../model/errors.ts";
import type { ContainerEvent, EngineInfo, Watching } from "../../engine.ts";
import type { ApiRequest, DockerApi } from "../api.ts";
import { parseJson, readLines } from "../body.ts";
import { EVENTS_ACTION, engineTime } from "../events.ts";
import { eventLine, libpodInfo } from "../schemas.ts";
import { LIBPOD_VERSION } from "./libpod.ts";
import { watchNewContainers } from "./new-containers.ts";

/** Podman's words (libpod/events/config.go). Docker's API says `die` in answers, and in 4.3.1 takes `died` alone in filters. */
const ACTIONS: Readonly<Record<string, ContainerEvent["action"]>> = {
  create: "create",
  start: "start",
  kill: "kill",
  stop: "kill",
  died: "die",
  die: "die",
  remove: "destroy",
};
/** Of a process that SIGHUP, SIGINT, SIGKILL or SIGTERM ended: often a `podman stop`, which leaves no event of its own. */
const ENDED_BY_SIGNAL = new Set([129, 130, 137, 143]);
/** Events are written by several processes, each with the time at which it began to. */
const SLACK_NS = 30e9;
/** Streams in a row that end this soon and tell nothing: then it is not a file's being replaced. */
const BARREN_STREAMS = 10;
const BARREN_STREAM_MS = 1000;
const HUNT_TRIES = 100;
const HUNT_PAUSE_MS = 5;

/**
 * Follows Podman's events; nothing that happens after this has resolved is missed.
 *
 * Podman's events lie in a file or in the journal. Who follows the file is told up to 250 ms late, when a container's first
 * instruction is long over; who asks for what is in it is told at once. So Podman is asked whenever a container appears in its
 * storage. When the file is full it is replaced, and the stream ends: it is opened again where it was.
 * Throws E_ENGINE_UNSUPPORTED when Podman keeps no events.
 */
export async function watchPodman(
  api: DockerApi,
  info: EngineInfo,
  onEvent: (event: ContainerEvent) => void,
  onLost: (error: Error) => void,
): Promise<Watching> {
  const { host, store } = await api.json(
    { action: "ask for the settings", method: "GET", version: LIBPOD_VERSION, path: "/libpod/info" },
    libpodInfo,
  );
  if (host.eventLogger === "none")
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", "Podman keeps no events, by which containers are followed.", {
      hint: 'Set events_logger = "journald" or "file" in containers.conf, and restart Podman\'s service.',
    });
  const watch = new PodmanWatch(api, await engineTime(api), onEvent);
  await watch.open();
  watch.follow(onLost);
  // The journal tells at once, and is read from its beginning at each question.
  if (info.local && host.eventLogger === "file")
    watch.alsoClose(
      watchNewContainers(join(store.graphRoot, `${store.graphDriverName}-containers`), (id) => void watch.hunt(id)),
    );
  return watch;
}

class PodmanWatch implements Watching {
  readonly #api: DockerApi;
  readonly #since: string;
  readonly #onEvent: (event: ContainerEvent) => void;
  /** Times of what was told, by what tells it from every other event. Both ways of asking give the same events in the same order. */
  readonly #told = new Map<string, number>();
  /** Containers that have appeared and are not told of, with how often it will be asked for them. */
  readonly #hunted = new Map<string, number>();
  readonly #closing: Disposable[] = [];
  #latestNs = 0;
  #count = 0;
  #stream: IncomingMessage | undefined;
  #isHunting = false;
  #ended = false;

  constructor(api: DockerApi, since: string, onEvent: (event: ContainerEvent) => void) {
    this.#api = api;
    this.#since = since;
    this.#onEvent = onEvent;
  }

  async open(): Promise<void> {
    this.#stream = await this.#api.open({ ...this.#request({}), timeoutMs: Infinity });
  }

  follow(onLost: (error: Error) => void): void {
    this.#follow().catch((error: unknown) => {
      if (!this.#ended) onLost(error instanceof PetrifyError ? error : this.#api.lost(error));
    });
  }

  alsoClose(other: Disposable): void {
    this.#closing.push(other);
  }

  async flush(): Promise<void> {
    const response = await this.#api.open(this.#request({ stream: "false" }));
    try {
      for await (const line of readLines(response, EVENTS_ACTION)) this.#hear(line);
    } catch (error) {
      throw error instanceof PetrifyError ? error : this.#api.lost(error);
    }
  }

  /** Asks until the container that has appeared is told of; it may be none of Podman's (a build's). */
  async hunt(id: string): Promise<void> {
    this.#hunted.set(id, HUNT_TRIES);
    if (this.#isHunting) return;
    this.#isHunting = true;
    while (this.#hunted.size > 0 && !this.#ended) {
      // The stream tells when the engine is lost.
      await this.flush().catch(() => undefined);
      for (const [wanted, tries] of this.#hunted) {
        if (tries === 0) this.#hunted.delete(wanted);
        else this.#hunted.set(wanted, tries - 1);
      }
      await sleep(HUNT_PAUSE_MS);
    }
    this.#isHunting = false;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#stream?.destroy();
    for (const other of this.#closing) other[Symbol.dispose]();
  }

  async #follow(): Promise<void> {
    for (let barren = 0; barren < BARREN_STREAMS; barren++) {
      const opened = performance.now();
      const toldBefore = this.#count;
      for await (const line of readLines(this.#stream as IncomingMessage, EVENTS_ACTION)) this.#hear(line);
      if (this.#ended) return;
      if (this.#count > toldBefore || performance.now() - opened > BARREN_STREAM_MS) barren = 0;
      await this.open();
      if (this.#ended) this.#stream?.destroy();
    }
    throw new PetrifyError("E_ENGINE_LOST", "The engine stopped telling what happens to containers.");
  }

  #hear(line: string): void {
    const parsed = eventLine.safeParse(parseJson(line, EVENTS_ACTION));
    const action = ACTIONS[parsed.data?.Action ?? ""];
    if (!parsed.success || action === undefined || this.#ended) return;
    const { timeNano, Actor } = parsed.data;
    const key = `${timeNano} ${action} ${Actor.ID}`;
    if (this.#told.has(key)) return;
    this.#told.set(key, timeNano);
    this.#count++;
    this.#latestNs = Math.max(this.#latestNs, timeNano);
    // What is asked for again is younger.
    for (const [oldest, timeNs] of this.#told) {
      if (timeNs > this.#latestNs - 2 * SLACK_NS) break;
      this.#told.delete(oldest);
    }
    this.#tell(action, Actor.ID, Number.parseInt(Actor.Attributes["containerExitCode"] ?? "", 10));
  }

  #tell(action: ContainerEvent["action"], id: string, exitCode: number): void {
    this.#hunted.delete(id);
    if (action === "die" && ENDED_BY_SIGNAL.has(exitCode)) this.#onEvent({ action: "kill", id });
    this.#onEvent({ action, id, ...(action === "die" && !Number.isNaN(exitCode) ? { exitCode } : {}) });
  }

  #request(query: Readonly<Record<string, string>>): ApiRequest {
    const since = this.#latestNs > 2 * SLACK_NS ? ((this.#latestNs - SLACK_NS) / 1e9).toFixed(3) : this.#since;
    const filters = JSON.stringify({ type: ["container"], event: Object.keys(ACTIONS) });
    return {
      action: EVENTS_ACTION,
      method: "GET",
      path: "/events",
      query: { ...query, since: Number(since) < Number(this.#since) ? this.#since : since, filters },
    };
  }
}
