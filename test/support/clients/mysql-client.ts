import type { Socket } from "node:net";
import { dial, type Target } from "./target.ts";

/** CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH and CLIENT_CONNECT_WITH_DB (MariaDB documentation, "Connection"). */
const CAPABILITIES = 0x200 | 0x8000 | 0x80000 | 0x8;
const UTF8MB4 = 45;
const QUERY = 3;
const OK = 0x00;
const EOF = 0xfe;
const ERROR = 0xff;

/** The little of MySQL's protocol that a test needs: no password, packets below 16 MiB, the first column of the last row. */
export class MysqlClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  readonly #packets: Buffer[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    socket.setTimeout(15_000, () => socket.destroy(new Error("no answer from the database")));
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the database closed the connection")));
  }

  static async connect(target: Target, user: string, database: string): Promise<MysqlClient> {
    const client = new MysqlClient(await dial(target));
    await client.#packet();
    const head = Buffer.alloc(32);
    head.writeUInt32LE(CAPABILITIES, 0);
    head.writeUInt32LE(2 ** 24 - 1, 4);
    head[8] = UTF8MB4;
    client.#send(1, Buffer.concat([head, Buffer.from(`${user}\0\0${database}\0mysql_native_password\0`)]));
    client.#failOn(await client.#packet());
    return client;
  }

  /** First column of the last row, empty when there is none. Throws the server's message. */
  async query(sql: string): Promise<string> {
    this.#send(0, Buffer.concat([Buffer.from([QUERY]), Buffer.from(sql)]));
    const first = await this.#packet();
    this.#failOn(first);
    if (first[0] === OK) return "";
    let value = "";
    for (let ends = 0; ends < 2;) {
      const packet = await this.#packet();
      this.#failOn(packet);
      if (packet[0] === EOF && packet.length < 9) ends++;
      else if (ends === 1) value = packet.toString("utf8", 1, 1 + (packet[0] ?? 0));
    }
    return value;
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(sequence: number, body: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(body.length, 0, 3);
    head[3] = sequence;
    this.#socket.write(Buffer.concat([head, body]));
  }

  #failOn(packet: Buffer): void {
    // A marker `#` and five characters of SQLSTATE stand before the message.
    if (packet[0] === ERROR) throw new Error(packet.toString("utf8", 9));
  }

  async #packet(): Promise<Buffer> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet !== undefined) return packet;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readUIntLE(0, 3);
      if (this.#received.length < end) break;
      this.#packets.push(this.#received.subarray(4, end));
      this.#received = this.#received.subarray(end);
    }
    this.#wake();
  }
}
