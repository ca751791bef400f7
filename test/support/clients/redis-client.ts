import type { Socket } from "node:net";
import { dial, type Target } from "./target.ts";

/** The little of RESP2 that a test needs: one command at a time, and replies that are no arrays. */
export class RedisClient {
  readonly #socket: Socket;
  #received = "";
  #waiting: PromiseWithResolvers<string | null> | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8").on("data", (chunk: string) => this.#take(chunk));
    socket.on("error", (error) => this.#waiting?.reject(error));
    socket.on("close", () => this.#waiting?.reject(new Error("redis closed the connection")));
  }

  static async connect(target: Target): Promise<RedisClient> {
    return new RedisClient(await dial(target));
  }

  /** The reply as text; null for a key that does not exist. Throws redis' own error text. */
  call(...command: readonly string[]): Promise<string | null> {
    this.#waiting = Promise.withResolvers();
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    this.#socket.write(`*${command.length}\r\n${parts.join("")}`);
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const end = this.#received.indexOf("\r\n");
    if (end < 0) return;
    const line = this.#received.slice(1, end);
    const rest = this.#received.slice(end + 2);
    const type = this.#received.charAt(0);
    if (type === "-") this.#settle((call) => call.reject(new Error(line)));
    else if (type !== "$") this.#settle((call) => call.resolve(line));
    else if (line === "-1") this.#settle((call) => call.resolve(null));
    else if (rest.length >= Number(line) + 2) this.#settle((call) => call.resolve(rest.slice(0, Number(line))));
  }

  #settle(how: (call: PromiseWithResolvers<string | null>) => void): void {
    this.#received = "";
    if (this.#waiting !== undefined) how(this.#waiting);
  }
}
