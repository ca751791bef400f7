import type { Socket } from "node:net";
import { dial, type Target } from "./target.ts";

const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const FRAME_END = 0xce;
const PERSISTENT = 2;

/** Class and method of AMQP 0-9-1's XML definition. */
const M = {
  start: [10, 10],
  startOk: [10, 11],
  tune: [10, 30],
  tuneOk: [10, 31],
  open: [10, 40],
  openOk: [10, 41],
  channelOpen: [20, 10],
  channelOpenOk: [20, 11],
  declare: [50, 10],
  declareOk: [50, 11],
  publish: [60, 40],
  get: [60, 70],
  getOk: [60, 71],
  confirm: [85, 10],
  confirmOk: [85, 11],
  ack: [60, 80],
} as const;
type MethodName = keyof typeof M;

/** The little of AMQP 0-9-1 that a test needs: one channel, short texts, one exchange at a time. */
export class AmqpClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  readonly #frames: { readonly type: number; readonly body: Buffer }[] = [];
  #failure: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    const fail = (error: Error): void => {
      this.#failure ??= error;
      this.#wake();
    };
    socket.setTimeout(15_000, () => socket.destroy(new Error("no answer from the broker")));
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the broker closed the connection")));
  }

  static async connect(target: Target, user: string, password: string): Promise<AmqpClient> {
    const client = new AmqpClient(await dial(target));
    client.#socket.write(Buffer.from([...Buffer.from("AMQP"), 0, 0, 9, 1]));
    await client.#expect("start");
    const login = Buffer.concat([long(0), short("PLAIN"), longText(`\0${user}\0${password}`), short("en_US")]);
    client.#method(0, "startOk", login);
    const tune = await client.#expect("tune");
    client.#method(0, "tuneOk", tune);
    client.#method(0, "open", Buffer.concat([short("/"), short(""), Buffer.from([0])]));
    await client.#expect("openOk");
    client.#method(1, "channelOpen", short(""));
    await client.#expect("channelOpenOk");
    client.#method(1, "confirm", Buffer.from([0]));
    await client.#expect("confirmOk");
    return client;
  }

  /** Makes a durable queue, or finds it. */
  async declare(queue: string): Promise<void> {
    const durable = 2;
    this.#method(1, "declare", Buffer.concat([Buffer.alloc(2), short(queue), Buffer.from([durable]), long(0)]));
    await this.#expect("declareOk");
  }

  /** Publishes a persistent message; resolves when the broker has it on disk. */
  async publish(queue: string, text: string): Promise<void> {
    this.#method(1, "publish", Buffer.concat([Buffer.alloc(2), short(""), short(queue), Buffer.from([0])]));
    const header = Buffer.alloc(14);
    header.writeUInt16BE(60, 0);
    header.writeUInt32BE(Buffer.byteLength(text), 8);
    const deliveryMode = 0x1000;
    header.writeUInt16BE(deliveryMode, 12);
    this.#frame(HEADER, 1, Buffer.concat([header, Buffer.from([PERSISTENT])]));
    this.#frame(BODY, 1, Buffer.from(text));
    await this.#expect("ack");
  }

  /** Looks at the first message of a queue, which stays there. Throws when there is none. */
  async peek(queue: string): Promise<string> {
    this.#method(1, "get", Buffer.concat([Buffer.alloc(2), short(queue), Buffer.from([0])]));
    await this.#expect("getOk");
    for (;;) {
      const { type, body } = await this.#next();
      if (type === BODY) return body.toString();
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #method(channel: number, name: MethodName, body: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(M[name][0], 0);
    head.writeUInt16BE(M[name][1], 2);
    this.#frame(METHOD, channel, Buffer.concat([head, body]));
  }

  #frame(type: number, channel: number, body: Buffer): void {
    const head = Buffer.alloc(7);
    head[0] = type;
    head.writeUInt16BE(channel, 1);
    head.writeUInt32BE(body.length, 3);
    this.#socket.write(Buffer.concat([head, body, Buffer.from([FRAME_END])]));
  }

  /** The arguments of the next method, which must be this one. */
  async #expect(name: MethodName): Promise<Buffer> {
    const { body } = await this.#next();
    const [classId, methodId] = [body.readUInt16BE(0), body.readUInt16BE(2)];
    if (classId !== M[name][0] || methodId !== M[name][1])
      throw new Error(`the broker answered ${classId}.${methodId} instead of ${name}: ${body.toString("latin1", 4)}`);
    return body.subarray(4);
  }

  async #next(): Promise<{ readonly type: number; readonly body: Buffer }> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 8) {
      const end = 7 + this.#received.readUInt32BE(3) + 1;
      if (this.#received.length < end) break;
      this.#frames.push({ type: this.#received[0] ?? 0, body: this.#received.subarray(7, end - 1) });
      this.#received = this.#received.subarray(end);
    }
    this.#wake();
  }
}

function short(text: string): Buffer {
  return Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
}

function longText(text: string): Buffer {
  return Buffer.concat([long(Buffer.byteLength(text)), Buffer.from(text)]);
}

/** Also an empty table: its length is all there is of it. */
function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
