import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openStatusLine } from "./status-line.ts";

/** A terminal of one row that keeps what a person would see: enough of ECMA-48 for carriage return and erase to end of line. */
class Screen {
  readonly isTTY = true;
  columns = 20;
  readonly scrolled: string[] = [];
  row = "";
  writes = 0;
  #cursor = 0;
  write(text: string): void {
    this.writes++;
    for (const token of text.replaceAll("\u001B[K", "\0")) {
      if (token === "\r") this.#cursor = 0;
      else if (token === "\n") {
        this.scrolled.push(this.row);
        this.row = "";
        this.#cursor = 0;
      } else if (token === "\0") this.row = this.row.slice(0, this.#cursor);
      else {
        this.row = this.row.slice(0, this.#cursor) + token + this.row.slice(this.#cursor + 1);
        this.#cursor++;
      }
    }
  }
}

describe("on a terminal", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("one line changes in place, and is gone at the end", () => {
    const screen = new Screen();
    const status = openStatusLine(screen, {});
    status.phase("learning");
    expect(screen.row).toBe("learning");
    status.detail("12 events");
    vi.advanceTimersByTime(100);
    expect(screen.row).toBe("learning: 12 events");
    status.phase("stop");
    expect(screen.row).toBe("stop");
    status[Symbol.dispose]();
    expect([screen.row, screen.scrolled]).toEqual(["", []]);
  });

  test("a thousand details are a few writes, and the last one is shown", () => {
    const screen = new Screen();
    const status = openStatusLine(screen, {});
    status.phase("x");
    for (let n = 1; n <= 1000; n++) {
      status.detail(String(n));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(100);
    expect(screen.row).toBe("x: 1000");
    expect(screen.writes).toBeLessThanOrEqual(12);
  });

  test("it never fills the line, whatever the width becomes", () => {
    const screen = new Screen();
    const status = openStatusLine(screen, {});
    status.phase("a line much longer than twenty columns");
    expect(screen.row).toBe("a line much longer…");
    screen.columns = 10;
    status.phase("another long line");
    expect(screen.row).toBe("another …");
  });

  test("lines that stay scroll by above it", () => {
    const screen = new Screen();
    const status = openStatusLine(screen, {});
    status.phase("a long phase text");
    status.print("note");
    expect([screen.scrolled, screen.row]).toEqual([["note"], "a long phase text"]);
  });

  test("names from the container cannot act on the terminal, and nothing comes after the end", () => {
    const screen = new Screen();
    const status = openStatusLine(screen, {});
    status.phase("\u001B[2J\n");
    expect(screen.row).toBe("\\e[2J\\n");
    status.detail("late");
    status[Symbol.dispose]();
    vi.advanceTimersByTime(1000);
    status.phase("later");
    expect(screen.row).toBe("");
  });
});

test.each([
  ["a pipe", { isTTY: false }, {}],
  ["a terminal without escapes", { isTTY: true }, { TERM: "dumb" }],
])("%s gets one plain line per phase, and none after the end", (_, kind, env) => {
  const written: string[] = [];
  const status = openStatusLine({ ...kind, write: (text: string) => written.push(text) }, env);
  status.phase("learning");
  status.detail("1 event");
  status.phase("learning");
  status.phase("stopping");
  status[Symbol.dispose]();
  status.phase("later");
  expect(written).toEqual(["learning\n", "stopping\n"]);
});
