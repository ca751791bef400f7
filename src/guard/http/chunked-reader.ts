import type { BodyPiece, BodyReader } from "./body-reader.ts";
import { malformed } from "./http-refusal.ts";

const CR = 0x0d;
const LF = 0x0a;
/** 4 GiB less one byte. */
const MAX_SIZE_DIGITS = 8;

type State = "size" | "sizeLf" | "data" | "dataCr" | "dataLf" | "endCr" | "endLf" | "done";

/** `chunked` of RFC 9112, 7.1, without extensions and trailers: no engine and no client of one uses them. */
export class ChunkedReader implements BodyReader {
  #state: State = "size";
  #size = 0;
  #digits = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  read(bytes: Buffer): BodyPiece {
    const payload: Buffer[] = [];
    let at = 0;
    while (at < bytes.length && this.#state !== "done") {
      if (this.#state === "data") {
        const end = Math.min(bytes.length, at + this.#size);
        payload.push(bytes.subarray(at, end));
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#state = "dataCr";
      } else {
        this.#frame(bytes[at++] as number);
      }
    }
    return at < bytes.length ? { payload, rest: bytes.subarray(at) } : { payload };
  }

  #frame(byte: number): void {
    switch (this.#state) {
      case "size":
        if (byte === CR && this.#digits > 0) this.#state = "sizeLf";
        else this.#addDigit(byte);
        break;
      case "sizeLf":
        expectByte(byte, LF);
        this.#digits = 0;
        this.#state = this.#size === 0 ? "endCr" : "data";
        break;
      case "dataCr":
        expectByte(byte, CR);
        this.#state = "dataLf";
        break;
      case "dataLf":
        expectByte(byte, LF);
        this.#state = "size";
        break;
      case "endCr":
        if (byte !== CR) throw malformed("The chunked body has trailers.");
        this.#state = "endLf";
        break;
      case "endLf":
        expectByte(byte, LF);
        this.#state = "done";
        break;
      case "data":
      case "done":
        break;
    }
  }

  #addDigit(byte: number): void {
    const digit = hexValue(byte);
    if (digit === undefined) throw malformed("The chunked body has a size that is no plain hexadecimal number.");
    if (++this.#digits > MAX_SIZE_DIGITS) throw malformed("The chunked body has a chunk that is too long.");
    this.#size = this.#size * 16 + digit;
  }
}

function expectByte(byte: number, expected: number): void {
  if (byte !== expected) throw malformed("The chunked body has a chunk that does not end where its size says.");
}

function hexValue(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}
