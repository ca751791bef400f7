import { chmodSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFifo } from "../libc.ts";

/** Longer than any line: four paths of the greatest length, each byte as four characters. */
const MAX_LINE_BYTES = 256 * 1024;

/** A folder with the pipes of one container; mounted into it read-only, so that it can only write to them. */
export class TraceFolder {
  readonly directory: string;
  /** Of the entrypoint; each start of the container reads it anew. */
  readonly first: TracePipe;
  readonly #pipes: TracePipe[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    this.first = this.pipe();
  }

  /** Named after the session, by which `doctor --clean` knows whether it is still in use. */
  static make(session: string): TraceFolder {
    const directory = mkdtempSync(join(tmpdir(), `petrify-${session}-`));
    chmodSync(directory, 0o755);
    return new TraceFolder(directory);
  }

  /** A new pipe. */
  pipe(): TracePipe {
    const pipe = new TracePipe(this.directory, `trace-${this.#pipes.length}`);
    this.#pipes.push(pipe);
    return pipe;
  }

  get lots(): number {
    return this.#pipes.reduce((sum, pipe) => sum + pipe.lots, 0);
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.close();
  }

  remove(): void {
    this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * The pipe that one strace writes to. strace waits in open(2) until it is read, and in write(2) while it is not read: so
 * nothing runs unobserved, and nothing is lost.
 */
export class TracePipe {
  readonly name: string;
  readonly #path: string;
  #socket: Socket | undefined;
  #lots = 0;

  /** Grows while there is something to read. */
  get lots(): number {
    return this.#lots;
  }

  constructor(directory: string, name: string) {
    this.name = name;
    this.#path = join(directory, name);
    makeFifo(this.#path);
    // The container's user writes to it, whoever that is.
    chmodSync(this.#path, 0o622);
  }

  /** Lets strace go on, and gives its lines, until every writer has closed the pipe; then resolves. `onPause` after each lot. */
  read(onLine: (line: string) => void, onPause: () => void): Promise<void> {
    const fd = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    const socket = new Socket({ fd, readable: true, writable: false });
    this.#socket = socket;
    let rest = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").slice(0, MAX_LINE_BYTES);
      for (const line of lines) onLine(line);
      this.#lots++;
      onPause();
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    // The end comes after it in any case.
    socket.on("error", () => {});
    // A line without its end belongs to a call that never returned.
    socket.on("close", () => resolve());
    return promise;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
