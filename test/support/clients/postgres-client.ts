import type { Socket } from "node:net";
import { dial, type Target } from "./target.ts";

const PROTOCOL_VERSION_3 = 196_608;

/** The little of PostgreSQL's wire protocol 3 that a test needs: no password, simple queries, the first column of the last row. */
export class PostgresClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #lastValue = "";
  #error: Error | undefined;
  #waiting = Promise.withResolvers<string>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#waiting.reject(error));
    socket.on("close", () => this.#waiting.reject(this.#error ?? new Error("PostgreSQL closed the connection")));
  }

  static async connect(target: Target, user: string): Promise<PostgresClient> {
    const client = new PostgresClient(await dial(target));
    const parameters = Buffer.from(`user\0${user}\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(head.length + parameters.length, 0);
    head.writeInt32BE(PROTOCOL_VERSION_3, 4);
    client.#socket.write(Buffer.concat([head, parameters]));
    await client.#waiting.promise;
    return client;
  }

  /** First column of the last row, empty when there is none. Throws the server's message. */
  query(sql: string): Promise<string> {
    this.#waiting = Promise.withResolvers();
    this.#lastValue = "";
    this.#error = undefined;
    const text = Buffer.from(`${sql}\0`);
    const head = Buffer.from("Q\0\0\0\0");
    head.writeInt32BE(4 + text.length, 1);
    this.#socket.write(Buffer.concat([head, text]));
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 5) {
      const end = 1 + this.#received.readInt32BE(1);
      if (this.#received.length < end) return;
      this.#message(String.fromCharCode(this.#received[0] ?? 0), this.#received.subarray(5, end));
      this.#received = this.#received.subarray(end);
    }
  }

  /** Message types: PostgreSQL documentation, "Message Formats". */
  #message(type: string, body: Buffer): void {
    if (type === "D") {
      const length = body.readInt32BE(2);
      this.#lastValue = length < 0 ? "" : body.toString("utf8", 6, 6 + length);
    } else if (type === "E") {
      this.#error = new Error(/\0M([^\0]*)/.exec(`\0${body.toString()}`)?.[1] ?? "unknown error");
    } else if (type === "Z") {
      if (this.#error === undefined) this.#waiting.resolve(this.#lastValue);
      else this.#waiting.reject(this.#error);
    }
  }
}
