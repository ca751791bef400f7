import type { ContainerEvent, FoundContainer, Watching } from "../../engine/engine.ts";
import type { Session } from "../session.ts";
import { Tap } from "../tap.ts";
import { type Taken, WatchedContainer, type WatchedRun } from "./watched-container.ts";

export interface ObservationOptions {
  /** Asked of each container that is made or started meanwhile. */
  readonly wants: (found: FoundContainer) => boolean;
}

const NS_PER_MS = 1_000_000n;

/** Watches containers that others make, start, stop and remove, and does none of that itself. */
export class Observation implements AsyncDisposable {
  /** Rejects when the engine stops telling what happens. */
  readonly lost: Promise<never>;
  readonly #session: Session;
  readonly #wants: ObservationOptions["wants"];
  readonly #containers = new Map<string, Promise<WatchedContainer | undefined>>();
  /** By container: what is still to be done, one thing after the other. */
  readonly #queues = new Map<string, Promise<void>>();
  #failure: unknown;
  #events: Watching | undefined;
  #lose: (error: Error) => void = () => {};

  private constructor(session: Session, { wants }: ObservationOptions) {
    this.#session = session;
    this.#wants = wants;
    this.lost = new Promise((_, reject) => (this.#lose = reject));
    this.lost.catch(() => {});
  }

  /** From when this resolves, no container is made that it does not hear of. Throws what engine and sensor throw. */
  static async open(session: Session, options: ObservationOptions): Promise<Observation> {
    await session.openSensor("others");
    const observation = new Observation(session, options);
    session.defer(async () => observation[Symbol.asyncDispose]());
    observation.#events = await session.engine.watch(
      (event) => observation.#hear(event),
      (error) => observation.#lose(error),
    );
    return observation;
  }

  /** Watches a container that exists. Its image may be gone: then nothing can be said of it, and a note says so. */
  async add(id: string): Promise<void> {
    // It may have been started since it was found.
    if (!this.#containers.has(id)) this.#containers.set(id, this.#take(id, "running"));
    await this.#containers.get(id);
  }

  /** The containers that were made before the call, once they are armed. */
  async armed(): Promise<readonly FoundContainer[]> {
    await this.#events?.flush();
    const watched = await Promise.all(this.#containers.values());
    return watched.flatMap((one) => one?.found ?? []);
  }

  /** Ends the observation of all of them, and gives what was seen of each. `test`: exit code of what exercised them. */
  async finish(test?: number): Promise<readonly WatchedRun[]> {
    await this.#events?.flush();
    this.#events?.[Symbol.dispose]();
    await Promise.all(this.#queues.values());
    if (this.#failure !== undefined) throw this.#failure;
    const runs: WatchedRun[] = [];
    for (const container of this.#containers.values()) {
      const watched = await container;
      if (watched !== undefined) runs.push(await watched.finish(test));
    }
    return runs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events?.[Symbol.dispose]();
  }

  #hear(event: ContainerEvent): void {
    const { id } = event;
    // Armed before anything else is asked: the start may follow at once.
    if (event.action === "create") this.#containers.set(id, this.#take(id, "made"));
    // One that was there before, and that nobody looked at as long as it did nothing.
    else if (event.action === "start" && !this.#containers.has(id)) this.#containers.set(id, this.#take(id, "started"));
    const before = this.#queues.get(id) ?? Promise.resolve();
    const done = before.then(() => this.#apply(event)).catch((error: unknown) => void (this.#failure ??= error));
    this.#queues.set(id, done);
  }

  async #apply({ action, id, exitCode = 0 }: ContainerEvent): Promise<void> {
    const watched = await this.#containers.get(id);
    if (action === "start") await watched?.onStart();
    else if (action === "kill") watched?.onSignal();
    else if (action === "die") await watched?.onDie(exitCode);
  }

  async #take(id: string, since: Taken["since"]): Promise<WatchedContainer | undefined> {
    const tap = await Tap.open(this.#session, id, BigInt(Date.now()) * NS_PER_MS);
    try {
      return await this.#lookAt(id, since, tap);
    } catch (error) {
      // What the sensor has to say of anything waits for the tree that this one expects.
      await tap.close();
      throw error;
    }
  }

  async #lookAt(id: string, since: Taken["since"], tap: Tap): Promise<WatchedContainer | undefined> {
    const { engine, progress } = this.#session;
    const found = await engine.find(id);
    if (found === undefined)
      progress.note(
        `a container was ${since} and removed before it could be looked at: ${id.slice(0, 12)} is not observed`,
      );
    if (found === undefined || (since !== "running" && !this.#wants(found))) {
      await tap.close();
      return undefined;
    }
    const image = await engine.image(found.imageId);
    if (image === undefined) {
      progress.note(`${found.name} is not observed: its image ${found.settings.image} is gone`);
      await tap.close();
      return undefined;
    }
    progress.step(`observing ${found.name}`);
    return WatchedContainer.take(this.#session, { found, image, tap, since });
  }
}
