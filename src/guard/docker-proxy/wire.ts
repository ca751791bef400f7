import type { Socket } from "node:net";
import { enlargeSendBuffer, hasHungUp } from "./socket-options.ts";

/** Beyond this the other end has to wait; one piece may go over it. */
const MAX_QUEUED_BYTES = 512 * 1024;
/** What is read at once at most (libuv). After so much there is more, which is worth the wait: fewer and longer writes. */
const FULL_READ_BYTES = 64 * 1024;
/** Waits no longer. */
const BATCH_BYTES = 256 * 1024;
const SEND_BUFFER_BYTES = 1024 * 1024;

/** One end of a connection, read piece by piece on demand, with back-pressure both ways. Errors are an end like any other. */
export class Wire {
  readonly socket: Socket;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #ended = false;
  #interrupted = false;
  #wakesLater = false;
  #closed = false;
  #error: NodeJS.ErrnoException | undefined;
  #arrival: PromiseWithResolvers<void> | undefined;
  #wakeWriter: (() => void) | undefined;

  /** Takes over a socket with `allowHalfOpen` of which nobody has read. */
  constructor(socket: Socket) {
    this.socket = socket;
    if (socket.connecting) socket.once("connect", () => enlargeSendBuffer(socket, SEND_BUFFER_BYTES));
    else enlargeSendBuffer(socket, SEND_BUFFER_BYTES);
    socket.on("data", (bytes: Buffer) => {
      this.#queue.push(bytes);
      this.#queuedBytes += bytes.length;
      if (this.#queuedBytes >= MAX_QUEUED_BYTES) socket.pause();
      if (bytes.length < FULL_READ_BYTES || this.#queuedBytes >= BATCH_BYTES) this.#wake();
      else this.#wakeLater();
    });
    socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("drain", () => this.#wakeWriter?.());
    socket.on("error", (error) => (this.#error ??= error));
    socket.on("close", () => {
      this.#ended = true;
      this.#closed = true;
      this.#wake();
      this.#wakeWriter?.();
    });
  }

  /** Closed in both directions, by whatever. */
  get closed(): boolean {
    return this.#closed || this.socket.destroyed;
  }
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }
  /** The other end sends no more; what it sent may still have to be read. */
  get ended(): boolean {
    return this.#ended || this.closed;
  }
  /** The other end neither sends nor hears any more. */
  get hungUp(): boolean {
    return this.closed || hasHungUp(this.socket);
  }
  get hasBytes(): boolean {
    return this.#queue.length > 0;
  }

  /** Resolves once there is something to read, or nothing will come any more. */
  async ready(): Promise<void> {
    while (this.#queue.length === 0 && !this.ended && !this.#interrupted) {
      this.#arrival ??= Promise.withResolvers<void>();
      await this.#arrival.promise;
    }
  }

  /** The next piece; undefined at the end. */
  async read(): Promise<Buffer | undefined> {
    if (this.#queue.length === 0) await this.ready();
    return this.take();
  }

  /** The next piece that is already here. */
  take(): Buffer | undefined {
    const bytes = this.#queue.shift();
    if (bytes === undefined) return undefined;
    this.#queuedBytes -= bytes.length;
    if (this.socket.isPaused() && this.#queuedBytes < MAX_QUEUED_BYTES) this.socket.resume();
    return bytes;
  }

  /** All pieces that are already here. */
  takeAll(): readonly Buffer[] {
    const pieces = this.#queue.splice(0);
    this.#queuedBytes = 0;
    if (this.socket.isPaused()) this.socket.resume();
    return pieces;
  }

  /** Puts back what was read too much. */
  unread(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#queue.unshift(bytes);
    this.#queuedBytes += bytes.length;
  }

  /** Sends; a promise when the sender has to wait. */
  write(pieces: readonly Buffer[]): Promise<void> | undefined {
    if (pieces.length === 0 || this.closed || this.socket.writableEnded) return undefined;
    if (pieces.length > 1) this.socket.cork();
    for (const piece of pieces) this.socket.write(piece);
    if (pieces.length > 1) this.socket.uncork();
    if (!this.socket.writableNeedDrain) return undefined;
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** Sends no more. */
  end(): void {
    if (!this.closed && !this.socket.writableEnded) this.socket.end();
  }

  /** Sends no more; resolves when all is sent, or cannot be. */
  async finish(): Promise<void> {
    this.end();
    if (this.closed || this.socket.writableFinished) return;
    await new Promise<void>((resolve) => {
      this.socket.once("finish", resolve).once("close", resolve);
    });
  }

  /** Nothing more is waited for: a reader gets what is here, then the end. */
  interrupt(): void {
    this.#interrupted = true;
    this.#wake();
  }

  destroy(): void {
    this.socket.destroy();
    this.#wake();
    this.#wakeWriter?.();
  }

  /** When all that can be read now has been. */
  #wakeLater(): void {
    if (this.#arrival === undefined || this.#wakesLater) return;
    this.#wakesLater = true;
    setImmediate(() => {
      this.#wakesLater = false;
      this.#wake();
    });
  }

  #wake(): void {
    this.#arrival?.resolve();
    this.#arrival = undefined;
  }
}
