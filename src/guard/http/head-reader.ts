import { HttpRefusal, malformed } from "./http-refusal.ts";

/** nginx takes 32 KiB, Go 1 MiB; a registry's token of a few KiB is the longest that engines' clients send. */
export const MAX_HEAD_BYTES = 64 * 1024;
const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const DEL = 0x7f;

/** Finds the end of one head, in pieces as they come, each byte looked at once. */
export class HeadReader {
  readonly #pieces: Buffer[] = [];
  #length = 0;
  #lineLength = 0;
  #afterCr = false;

  /** Whether the first byte has come. */
  get begun(): boolean {
    return this.#length > 0;
  }

  /**
   * The head with its empty line, once it is complete, and what follows. Throws HttpRefusal as soon as what has come cannot become
   * one: a control character, CR and LF apart from each other, no line before the empty one, too long.
   */
  read(bytes: Buffer): { readonly head: Buffer; readonly rest: Buffer } | undefined {
    for (let at = 0; at < bytes.length; at++) {
      if (++this.#length > MAX_HEAD_BYTES)
        throw new HttpRefusal(431, `The head is longer than ${MAX_HEAD_BYTES / 1024} KiB.`);
      if (!this.#endsAt(bytes[at] as number)) continue;
      const head = Buffer.concat([...this.#pieces, bytes.subarray(0, at + 1)]);
      return { head, rest: bytes.subarray(at + 1) };
    }
    this.#pieces.push(bytes);
    return undefined;
  }

  #endsAt(byte: number): boolean {
    if (this.#afterCr) {
      if (byte !== LF) throw malformed("The head has a CR without LF.");
      this.#afterCr = false;
      if (this.#lineLength === 0 && this.#length > 2) return true;
      if (this.#lineLength === 0) throw malformed("The head begins with an empty line.");
      this.#lineLength = 0;
      return false;
    }
    if (byte === CR) {
      this.#afterCr = true;
      return false;
    }
    if (byte === LF) throw malformed("The head has a LF without CR.");
    if ((byte < 0x20 && byte !== TAB) || byte === DEL) throw malformed("The head has a control character.");
    this.#lineLength++;
    return false;
  }
}

/** The lines of a head without its empty line, each byte one character (Latin-1). */
export function headLines(head: Buffer): readonly [first: string, ...fields: string[]] {
  const [first = "", ...fields] = head.toString("latin1", 0, head.length - 4).split("\r\n");
  return [first, ...fields];
}
