import { quoteForTerminal } from "../../model/quote.ts";
import { truncate } from "../../model/text-width.ts";

/** What the status line needs of standard error. */
export interface StatusStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Progress for people. On a terminal one line that changes in place; elsewhere a plain line per phase. */
export interface StatusLine extends Disposable {
  /** A new phase begins. */
  phase(text: string): void;
  /** Detail of the phase, such as a count; only a terminal shows it. */
  detail(text: string): void;
  /** A line that stays, above the status line. */
  print(text: string): void;
  /** Removes the status line: no phase or detail is shown any more, lines that stay are. */
  [Symbol.dispose](): void;
}

/** Faster changes cannot be read, and cost time on slow terminals. */
const LEAST_INTERVAL_MS = 100;
const CLEAR_TO_END = "\u001B[K";

/** Opens the status line of a command; one at a time. A terminal that knows no escapes (`TERM=dumb`) gets plain lines. */
export function openStatusLine(
  stream: StatusStream = process.stderr,
  env: Readonly<Record<string, string | undefined>> = process.env,
): StatusLine {
  return stream.isTTY === true && env["TERM"] !== "dumb" ? new LiveLine(stream) : new PlainLines(stream);
}

class PlainLines implements StatusLine {
  readonly #stream: StatusStream;
  #last = "";
  #closed = false;

  constructor(stream: StatusStream) {
    this.#stream = stream;
  }

  phase(text: string): void {
    if (this.#closed || text === this.#last) return;
    this.#last = text;
    this.print(text);
  }

  detail(): void {}

  print(text: string): void {
    this.#stream.write(`${quoteForTerminal(text)}\n`);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
  }
}

class LiveLine implements StatusLine {
  readonly #stream: StatusStream;
  #phase = "";
  #detail = "";
  #shown = "";
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(stream: StatusStream) {
    this.#stream = stream;
  }

  phase(text: string): void {
    this.#phase = quoteForTerminal(text);
    this.#detail = "";
    this.#draw();
  }

  detail(text: string): void {
    this.#detail = quoteForTerminal(text);
    if (this.#closed) return;
    // The last detail of an interval is the one that is shown; the timer must not keep the process alive.
    this.#timer ??= setTimeout(() => this.#draw(), LEAST_INTERVAL_MS).unref();
  }

  print(text: string): void {
    this.#stream.write(`\r${quoteForTerminal(text)}${CLEAR_TO_END}\n${this.#shown}`);
  }

  [Symbol.dispose](): void {
    if (this.#shown !== "") this.#stream.write(`\r${CLEAR_TO_END}`);
    this.#shown = "";
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#closed) return;
    const text = this.#detail === "" ? this.#phase : `${this.#phase}: ${this.#detail}`;
    // One column stays free: a full line makes some terminals wrap, and then the return goes to the wrong line.
    const shown = truncate(text, (this.#stream.columns ?? 80) - 1);
    if (shown === this.#shown) return;
    this.#shown = shown;
    // Written over the old text in one call, and only then cleared behind it: nothing flickers.
    this.#stream.write(`\r${shown}${CLEAR_TO_END}`);
  }
}
