import type { WriteEvent } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";
import type { Session } from "./session.ts";

type Consumer = (events: readonly WriteEvent[]) => void;

/** The events of one container, held back until somebody is ready for them: it can be armed before anything else is known. */
export class Tap {
  /** The container's content; until it is given, paths that only it can settle stay uncertain. */
  tree: FileTree | undefined;
  /** The workload ran already when the tap was opened. */
  wasRunning = false;
  readonly #id: string;
  readonly #session: Session;
  #held: WriteEvent[] = [];
  #consumer: Consumer | undefined;

  private constructor(session: Session, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** Arms the container. Throws what the sensor throws. */
  static async open(session: Session, id: string, readsSinceNs: bigint): Promise<Tap> {
    const tap = new Tap(session, id);
    const tree = (): FileTree | undefined => tap.tree;
    const armed = await session.observe(id, tree, readsSinceNs, (events) => tap.#hear(events));
    tap.wasRunning = armed.wasRunning;
    return tap;
  }

  /** Gives what was held back, and from now on everything as it comes. */
  pourInto(consumer: Consumer): void {
    if (this.#held.length > 0) consumer(this.#held);
    this.#held = [];
    this.#consumer = consumer;
  }

  /** Delivers what is left, with the kernel's totals. Throws E_SENSOR_LOST. */
  async close(): Promise<void> {
    await this.#session.unobserve(this.#id);
  }

  #hear(events: readonly WriteEvent[]): void {
    if (this.#consumer === undefined) this.#held.push(...events);
    else this.#consumer(events);
  }
}
