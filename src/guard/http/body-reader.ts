import { ChunkedReader } from "./chunked-reader.ts";
import type { Framing } from "./framing.ts";

/** What a piece of the connection holds of the body. */
export interface BodyPiece {
  readonly payload: readonly Buffer[];
  /** Behind the end of the body. */
  readonly rest?: Buffer;
}

/** Finds the payload and the end of one body. Throws HttpRefusal. */
export interface BodyReader {
  readonly done: boolean;
  read(bytes: Buffer): BodyPiece;
}

/** Begins behind the head. */
export function bodyReader(framing: Framing): BodyReader {
  if (framing.kind === "chunked") return new ChunkedReader();
  if (framing.kind === "length") return new LengthReader(framing.bytes);
  return new LengthReader(framing.kind === "none" ? 0 : Number.POSITIVE_INFINITY);
}

class LengthReader implements BodyReader {
  #missing: number;
  constructor(bytes: number) {
    this.#missing = bytes;
  }
  get done(): boolean {
    return this.#missing === 0;
  }
  read(bytes: Buffer): BodyPiece {
    if (bytes.length <= this.#missing) {
      this.#missing -= bytes.length;
      return { payload: [bytes] };
    }
    const payload = bytes.subarray(0, this.#missing);
    this.#missing = 0;
    return { payload: payload.length === 0 ? [] : [payload], rest: bytes.subarray(payload.length) };
  }
}
