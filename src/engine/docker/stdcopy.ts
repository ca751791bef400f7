import { malformed } from "./failures.ts";

/**
 * One connection that carries stdout and stderr of a container without a tty (moby pkg/stdcopy): frames of an 8 byte
 * head, `[stream, 0, 0, 0, length big endian]`, and the payload. Heads may be cut anywhere by the transport.
 */
export type StreamName = "stdout" | "stderr" | "error";

const HEAD_BYTES = 8;
/** 0 is stdin, echoed as stdout; 3 is the engine's own last word on why the stream ends. */
const STREAMS: readonly StreamName[] = ["stdout", "stdout", "stderr", "error"];
/** The engine copies 32 KiB at a time; a longer frame says that these bytes are no frames. */
const FRAME_LIMIT_BYTES = 16 * 2 ** 20;

export class StdcopyDecoder {
  readonly #sink: (stream: StreamName, payload: Buffer) => void;
  readonly #action: string;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  #stream: StreamName = "stdout";
  #remaining = 0;

  /** `sink` gets payloads in the order in which they came, cut as the transport cut them. */
  constructor(action: string, sink: (stream: StreamName, payload: Buffer) => void) {
    this.#action = action;
    this.#sink = sink;
  }

  /** Throws E_ENGINE_API on bytes that are no frames. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining > 0) {
        const payload = chunk.subarray(at, at + this.#remaining);
        this.#sink(this.#stream, payload);
        this.#remaining -= payload.length;
        at += payload.length;
        continue;
      }
      const taken = Math.min(HEAD_BYTES - this.#headBytes, chunk.length - at);
      chunk.copy(this.#head, this.#headBytes, at, at + taken);
      this.#headBytes += taken;
      at += taken;
      if (this.#headBytes === HEAD_BYTES) this.#startFrame();
    }
  }

  /** False when the stream ended inside a frame: the connection broke. */
  get isComplete(): boolean {
    return this.#headBytes === 0 && this.#remaining === 0;
  }

  #startFrame(): void {
    this.#headBytes = 0;
    const stream = STREAMS[this.#head.readUInt8(0)];
    const length = this.#head.readUInt32BE(4);
    if (stream === undefined || this.#head.readUIntBE(1, 3) !== 0)
      throw malformed(this.#action, "the stream has no frames");
    if (length > FRAME_LIMIT_BYTES) throw malformed(this.#action, `a frame of ${length} bytes`);
    this.#stream = stream;
    this.#remaining = length;
  }
}
