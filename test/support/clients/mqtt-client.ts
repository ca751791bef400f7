import type { Socket } from "node:net";
import { dial, type Target } from "./target.ts";

/** Control packet types with their fixed flags (MQTT 3.1.1, section 2.2). */
const CONNECT = 0x10;
const CONNACK = 0x20;
const PUBLISH = 0x30;
const PUBLISH_RETAINED_QOS1 = 0x33;
const PUBACK = 0x40;
const SUBSCRIBE = 0x82;

/** The little of MQTT 3.1.1 that a test needs: packets shorter than 128 bytes, one exchange at a time. */
export class MqttClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #wanted = 0;
  #waiting = Promise.withResolvers<Buffer>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#waiting.reject(error));
    socket.on("close", () => this.#waiting.reject(new Error("the broker closed the connection")));
  }

  static async connect(target: Target): Promise<MqttClient> {
    const client = new MqttClient(await dial(target));
    const cleanSession = 2;
    const body = Buffer.concat([text("MQTT"), Buffer.from([4, cleanSession, 0, 60]), text("petrify-demo")]);
    await client.#exchange(CONNECT, body, CONNACK);
    return client;
  }

  async publishRetained(topic: string, message: string): Promise<void> {
    await this.#exchange(
      PUBLISH_RETAINED_QOS1,
      Buffer.concat([text(topic), packetId(1), Buffer.from(message)]),
      PUBACK,
    );
  }

  /** The message that the broker keeps for a topic. */
  async retained(topic: string): Promise<string> {
    const body = Buffer.concat([packetId(2), text(topic), Buffer.from([0])]);
    const packet = await this.#exchange(SUBSCRIBE, body, PUBLISH);
    return packet.toString("utf8", 2 + packet.readUInt16BE(0));
  }

  close(): void {
    this.#socket.destroy();
  }

  #exchange(type: number, body: Buffer, answer: number): Promise<Buffer> {
    this.#waiting = Promise.withResolvers();
    this.#wanted = answer;
    this.#socket.write(Buffer.concat([Buffer.from([type, body.length]), body]));
    this.#socket.setTimeout(5000, () => this.#socket.destroy(new Error("no answer from the broker")));
    return this.#waiting.promise;
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 2) {
      const end = 2 + (this.#received[1] ?? 0);
      if (this.#received.length < end) return;
      // The low bits of the type are flags, such as "retained".
      if (((this.#received[0] ?? 0) & 0xf0) === this.#wanted) this.#waiting.resolve(this.#received.subarray(2, end));
      this.#received = this.#received.subarray(end);
    }
  }
}

function text(value: string): Buffer {
  return Buffer.concat([packetId(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** Two bytes, most significant first: a packet identifier, or the length of a text. */
function packetId(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
