/**
 * As much of protobuf's wire format (protobuf.dev/programming-guides/encoding) as a request with two strings and an answer of
 * strings and messages take.
 */

const LENGTH_DELIMITED = 2;
/** Bytes of the wire types whose length does not stand before them: 64 and 32 bits. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** A string as field `number` (1 to 15). */
export function stringField(number: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | LENGTH_DELIMITED]), varint(bytes.length), bytes]);
}

/** The strings and messages of a message with their field numbers, in order; other fields are passed over. Throws on damage. */
export function readFields(message: Buffer): readonly (readonly [number, Buffer])[] {
  const fields: [number, Buffer][] = [];
  const reader = new Reader(message);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const type = tag & 7;
    if (type === 0) reader.varint();
    else if (type === LENGTH_DELIMITED) fields.push([tag >>> 3, reader.bytes(reader.varint())]);
    else reader.bytes(FIXED_BYTES[type] ?? Number.POSITIVE_INFINITY);
  }
  return fields;
}

class Reader {
  readonly #message: Buffer;
  #at = 0;

  constructor(message: Buffer) {
    this.#message = message;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#message.length;
  }

  bytes(length: number): Buffer {
    if (length > this.#message.length - this.#at) throw new Error("the message is cut off");
    this.#at += length;
    return this.#message.subarray(this.#at - length, this.#at);
  }

  /** Exact up to 2^53; what is longer is a time or a flag that nobody reads. */
  varint(): number {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.bytes(1)[0] as number;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new Error("a number does not end");
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 0x80)) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
