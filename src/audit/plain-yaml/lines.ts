import { Unusual } from "./flow.ts";

const LITERAL = /^\|(-?)(?: +#.*)? *$/;

/** The lines of a text that say something, one after the other, and literal blocks, in which every line does. */
export class Lines {
  /** Column of the line's first content, from 0; -1 behind the last line. Where the content begins may be moved behind a dash. */
  indent = 0;
  from = 0;
  /** Where the line ends, without its break. */
  to = 0;
  readonly #text: string;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes to the next line that is neither blank nor a comment. */
  advance(): void {
    const text = this.#text;
    for (let start = this.#next; start < text.length; start = this.#next) {
      this.#skipTo(start);
      let from = start;
      while (text.charCodeAt(from) === 32) from++;
      if (from >= this.to) continue;
      const first = text.charCodeAt(from);
      if (first === 35) continue;
      if (first === 9) throw new Unusual();
      this.indent = from - start;
      this.from = from;
      if (
        this.indent === 0 &&
        start > 0 &&
        /^(?:---|\.\.\.|%)/.test(text.slice(from, from + 3)) &&
        !this.#isFirst(start)
      )
        throw new Unusual();
      return;
    }
    this.indent = -1;
  }

  /** Whether nothing but comments stands before. */
  #isFirst(start: number): boolean {
    return /^(?:[ ]*(?:#.*)?\r?\n)*$/.test(this.#text.slice(0, start));
  }

  #skipTo(start: number): void {
    const end = this.#text.indexOf("\n", start);
    this.#next = end < 0 ? this.#text.length : end + 1;
    const to = end < 0 ? this.#text.length : end;
    this.to = to > start && this.#text.charCodeAt(to - 1) === 13 ? to - 1 : to;
  }

  /** Whether it is an item of a list. */
  isItem(): boolean {
    const next = this.#text.charCodeAt(this.from + 1);
    return this.#text.charCodeAt(this.from) === 45 && (next === 32 || this.from + 1 === this.to);
  }

  /** The text of a block whose header begins here, in a collection that is indented so far; the block's last line is then read. */
  literal(from: number, indent: number): string {
    const header = LITERAL.exec(this.#text.slice(from, this.to));
    if (header === null) throw new Unusual();
    const lines: string[] = [];
    let width = -1;
    let start = this.#next;
    for (; start < this.#text.length; start = this.#next) {
      this.#skipTo(start);
      let content = start;
      while (content < this.to && this.#text.charCodeAt(content) === 32) content++;
      const spaces = content - start;
      if (content === this.to && (width < 0 || spaces <= width)) {
        // How far blank lines before the first other one may go in, yaml knows.
        if (width < 0 && spaces > 0) throw new Unusual();
        lines.push("");
        continue;
      }
      if (width < 0) {
        if (spaces <= indent) throw new Unusual();
        width = spaces;
      }
      if (spaces < width) break;
      lines.push(this.#text.slice(start + width, this.to));
    }
    if (width < 0 || (start >= this.#text.length && !this.#text.endsWith("\n"))) throw new Unusual();
    this.#next = start;
    return `${lines.join("\n").replace(/\n+$/, "")}${header[1] === "-" ? "" : "\n"}`;
  }
}
