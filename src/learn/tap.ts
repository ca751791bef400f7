import type { WriteEvent } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";
import type { Unseen } from "../sensor/sensor.ts";
import type { Session } from "./session.ts";

type Consumer = (events: readonly WriteEvent[]) => void;

/** The events of one container, held back until somebody is ready for them: it can be armed before anything else is known. */
export class Tap {
  readonly #tree = Promise.withResolvers<FileTree | undefined>();
  /** The container's content has been shown. */
  isShown = false;
  /** The workload ran already when the tap was opened. */
  wasRunning = false;
  /** A program was started in it since. */
  heardExec = false;
  readonly #id: string;
  readonly #session: Session;
  #held: WriteEvent[] = [];
  #consumer: Consumer | undefined;

  private constructor(session: Session, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** Arms the container. Throws what the sensor throws. */
  static async open(session: Session, id: string, readsSinceNs: bigint, imageTree?: FileTree): Promise<Tap> {
    const tap = new Tap(session, id);
    const target = { id, tree: tap.#tree.promise, readsSinceNs, ...(imageTree === undefined ? {} : { imageTree }) };
    const armed = await session.observe(target, (events) => tap.#hear(events));
    tap.wasRunning = armed.wasRunning;
    return tap;
  }

  /** Shows the container's content, which settles paths of processes that have ended; until then their events wait. */
  show(tree: FileTree): void {
    this.isShown = true;
    this.#tree.resolve(tree);
  }

  /** Gives what was held back, and from now on everything as it comes. */
  pourInto(consumer: Consumer): void {
    if (this.#held.length > 0) consumer(this.#held);
    this.#held = [];
    this.#consumer = consumer;
  }

  /** Delivers what is left, with the kernel's totals. Throws E_SENSOR_LOST. */
  async close(): Promise<Unseen> {
    this.#tree.resolve(undefined);
    return this.#session.unobserve(this.#id);
  }

  #hear(events: readonly WriteEvent[]): void {
    this.heardExec ||= events.some(({ operation, result }) => operation === "exec" && result === 0);
    if (this.#consumer === undefined) this.#held.push(...events);
    else this.#consumer(events);
  }
}
