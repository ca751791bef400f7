import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { dial, type Target } from "./target.ts";

/** A connection to a service that speaks lines of text. */
export class LineClient {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer in time")));
    this.#lines = createInterface({ input: socket, crlfDelay: Infinity })[Symbol.asyncIterator]();
  }

  static async connect(target: Target): Promise<LineClient> {
    return new LineClient(await dial(target));
  }

  /** Sends one command; resolves with the first line of its answer. */
  ask(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.line();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the service closed the connection");
    return value;
  }

  close(): void {
    this.#socket.destroy();
  }
}
