import { close, open, write } from "node:fs";

/** What waits to be written; beyond it lines are dropped. */
const WAITING_LIMIT_BYTES = 4 * 1024 * 1024;
const FLUSH_TIMEOUT_MS = 1000;

/**
 * Lines to a descriptor or a file, in their order, one write at a time, without ever making the caller wait or fail: what cannot be
 * written (a full disk, a closed terminal, a reader that stands still) is dropped and counted.
 */
export class LineSink {
  readonly #target: number | string;
  #descriptor: number | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #dropped = 0;

  /** `target`: a descriptor, or the path of a file that is appended to. */
  constructor(target: number | string) {
    this.#target = target;
  }

  /** Lines that were lost. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#waitingBytes + bytes.length > WAITING_LIMIT_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) this.#next();
  }

  /** Opens the file anew with the next line: after it was moved away. */
  reopen(): void {
    if (typeof this.#target === "number" || this.#descriptor === undefined) return;
    const old = this.#descriptor;
    this.#descriptor = undefined;
    // A write that is under way ends on the old file.
    if (this.#isWriting) this.#closing.push(old);
    else close(old, () => undefined);
  }
  readonly #closing: number[] = [];

  /** Resolves when nothing waits any more, or a second has passed: a reader that stands still keeps no process from ending. */
  async flushed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!this.#isWriting) return;
    const timer = setTimeout(resolve, FLUSH_TIMEOUT_MS);
    this.#flushing.push(resolve);
    await promise;
    clearTimeout(timer);
  }
  readonly #flushing: (() => void)[] = [];

  #next(): void {
    for (const old of this.#closing.splice(0)) close(old, () => undefined);
    const line = this.#waiting.shift();
    if (line === undefined) {
      this.#isWriting = false;
      for (const resolve of this.#flushing.splice(0)) resolve();
      return;
    }
    this.#isWriting = true;
    this.#open((descriptor) => {
      if (descriptor === undefined) this.#done(line, false);
      else this.#write(descriptor, line, 0);
    });
  }

  #open(then: (descriptor: number | undefined) => void): void {
    if (typeof this.#target === "number") return then(this.#target);
    if (this.#descriptor !== undefined) return then(this.#descriptor);
    open(this.#target, "a", 0o640, (error, descriptor) => {
      if (error === null) this.#descriptor = descriptor;
      then(error === null ? descriptor : undefined);
    });
  }

  #write(descriptor: number, line: Buffer, from: number): void {
    write(descriptor, line, from, line.length - from, null, (error, written) => {
      if (error === null && written > 0 && from + written < line.length) this.#write(descriptor, line, from + written);
      else this.#done(line, error === null && from + written === line.length);
    });
  }

  #done(line: Buffer, isWhole: boolean): void {
    this.#waitingBytes -= line.length;
    if (!isWhole) this.#dropped += 1;
    this.#next();
  }
}
