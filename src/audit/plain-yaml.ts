import type { Location } from "../model/finding.ts";
import type { Data, YamlData } from "../export/splice/source.ts";
import { PlainFlow, Unusual } from "./plain-yaml/flow.ts";
import { type Entries, spanPlacer } from "./plain-yaml/spans.ts";

/** A text in the part of YAML that nearly all files keep to, and where everything in it stands. */
export interface PlainYaml {
  readonly data: YamlData;
  readonly place: (path: readonly (string | number)[]) => Location;
  /** The value of a key as it is written, when it has no quotes. */
  readonly plain: (path: readonly (string | number)[]) => string | undefined;
}

/**
 * Reads block style with values on one line, literal blocks, and flow style on one line or, as JSON, for the whole text: some
 * twenty times faster than yaml, which reads everything. Undefined for whatever else there may be, errors too: then ask yaml.
 * What it does read, it reads as yaml does; a test holds them together. `firstLine` is that of the file on which the text begins.
 */
export function parsePlainYaml(text: string, firstLine = 1): PlainYaml | undefined {
  if (text.startsWith("\uFEFF") || /\r(?!\n)/.test(text)) return undefined;
  try {
    const entries: Entries = new Map();
    const data = new Reader(text, entries).document();
    return { data, ...spanPlacer(text, data, entries, firstLine) };
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

// A word, or something in quotes without escapes, and the colon.
const KEY = /([A-Za-z_][\w./-]*|"[^"\\\r\n]*"|'[^'\r\n]*')( *):(?=[ \r\n]|$)/y;
const LITERAL = /^\|(-?)(?: +#.*)? *$/;
const DEEPEST = 100;

class Reader {
  readonly #text: string;
  readonly #entries: Entries;
  readonly #flow: PlainFlow;
  #depth = 0;
  /** The line that is read: its first column with content, -1 behind the last line; where that is, and where the line ends. */
  #indent = 0;
  #from = 0;
  #to = 0;
  #next = 0;

  constructor(text: string, entries: Entries) {
    this.#text = text;
    this.#entries = entries;
    this.#flow = new PlainFlow(text, entries);
  }

  document(): YamlData {
    this.#advance();
    if (this.#indent === 0 && /^---(?: +#.*)? *$/.test(this.#text.slice(this.#from, this.#to))) this.#advance();
    if (this.#indent < 0) throw new Unusual();
    if (this.#text[this.#from] === "{") {
      const data = this.#flow.whole(this.#from) as YamlData;
      // Where an empty document stands, yaml knows better.
      if (Object.keys(data).length === 0) throw new Unusual();
      return data;
    }
    const data = this.#map(this.#indent);
    if (this.#indent >= 0) throw new Unusual();
    return data;
  }

  /** Goes to the next line that is neither blank nor a comment. */
  #advance(): void {
    const text = this.#text;
    for (let start = this.#next; start < text.length; start = this.#next) {
      this.#skipTo(start);
      let from = start;
      while (text.charCodeAt(from) === 32) from++;
      if (from >= this.#to) continue;
      const first = text.charCodeAt(from);
      if (first === 35) continue;
      if (first === 9) throw new Unusual();
      this.#indent = from - start;
      this.#from = from;
      if (
        this.#indent === 0 &&
        start > 0 &&
        /^(?:---|\.\.\.|%)/.test(text.slice(from, from + 3)) &&
        !this.#isFirst(start)
      )
        throw new Unusual();
      return;
    }
    this.#indent = -1;
  }

  /** Whether nothing but comments stands before. */
  #isFirst(start: number): boolean {
    return /^(?:[ ]*(?:#.*)?\r?\n)*$/.test(this.#text.slice(0, start));
  }

  #skipTo(start: number): void {
    const end = this.#text.indexOf("\n", start);
    this.#next = end < 0 ? this.#text.length : end + 1;
    const to = end < 0 ? this.#text.length : end;
    this.#to = to > start && this.#text.charCodeAt(to - 1) === 13 ? to - 1 : to;
  }

  #map(indent: number): YamlData {
    if (++this.#depth > DEEPEST) throw new Unusual();
    const data: Record<string, Data> = {};
    const spans: number[] = [];
    while (this.#indent === indent) {
      KEY.lastIndex = this.#from;
      const [whole = "", word = "", blanks = ""] = KEY.exec(this.#text) ?? [];
      if (whole === "") throw new Unusual();
      const keyEnd = this.#from + whole.length - 1 - blanks.length;
      const key = this.#flow.keyOf(word, data);
      spans.push(this.#from, keyEnd, -1, -1);
      data[key] = this.#value(this.#from + whole.length, indent, spans, true);
    }
    if (this.#indent > indent) throw new Unusual();
    this.#depth--;
    this.#entries.set(data, spans);
    return data;
  }

  #list(indent: number): readonly Data[] {
    if (++this.#depth > DEEPEST) throw new Unusual();
    const items: Data[] = [];
    const spans: number[] = [];
    while (this.#indent === indent && this.#isItem()) {
      let from = this.#from + 1;
      while (this.#text.charCodeAt(from) === 32) from++;
      KEY.lastIndex = from;
      if (from < this.#to && KEY.test(this.#text)) {
        this.#indent += from - this.#from;
        this.#from = from;
        spans.push(from, -1);
        items.push(this.#map(this.#indent));
        continue;
      }
      const value: number[] = [0, 0, -1, -1];
      const item = this.#value(from, indent, value, false);
      // Where nothing stands, or a list begins on another line, yaml knows better where that is.
      if (item === null || (Array.isArray(item) && this.#text[from] !== "[")) throw new Unusual();
      spans.push(from, value[3] ?? -1);
      items.push(item);
    }
    if (this.#indent > indent) throw new Unusual();
    this.#depth--;
    this.#entries.set(items, spans);
    return items;
  }

  #isItem(): boolean {
    const next = this.#text.charCodeAt(this.#from + 1);
    return this.#text.charCodeAt(this.#from) === 45 && (next === 32 || this.#from + 1 === this.#to);
  }

  /** What stands behind a key's colon or an item's dash, and the lines that belong to it. */
  #value(behind: number, indent: number, spans: number[], ofKey: boolean): Data {
    let from = behind;
    while (this.#text.charCodeAt(from) === 32) from++;
    if (from >= this.#to || (this.#text[from] === "#" && from > behind)) {
      this.#advance();
      if (this.#indent > indent) return this.#isItem() ? this.#list(this.#indent) : this.#map(this.#indent);
      return ofKey && this.#indent === indent && this.#isItem() ? this.#list(indent) : null;
    }
    const value = this.#text[from] === "|" ? this.#literal(from, indent, spans) : this.#inline(from, spans);
    this.#advance();
    // What goes on over several lines.
    if (this.#indent > indent) throw new Unusual();
    return value;
  }

  #inline(from: number, spans: number[]): Data {
    const text = this.#text;
    const { value, end } = this.#flow.inline(from, this.#to);
    let behind = end;
    while (behind < this.#to && text.charCodeAt(behind) === 32) behind++;
    if (behind < this.#to && (text[behind] !== "#" || behind === end)) throw new Unusual();
    if (typeof value !== "object" || value === null) spans.splice(-2, 2, from, end);
    return value;
  }

  #literal(from: number, indent: number, spans: number[]): string {
    const header = LITERAL.exec(this.#text.slice(from, this.#to));
    if (header === null) throw new Unusual();
    const lines: string[] = [];
    let width = -1;
    let start = this.#next;
    for (; start < this.#text.length; start = this.#next) {
      this.#skipTo(start);
      let content = start;
      while (content < this.#to && this.#text.charCodeAt(content) === 32) content++;
      const spaces = content - start;
      if (content === this.#to && (width < 0 || spaces <= width)) {
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
      lines.push(this.#text.slice(start + width, this.#to));
    }
    if (width < 0 || (start >= this.#text.length && !this.#text.endsWith("\n"))) throw new Unusual();
    this.#next = start;
    spans.splice(-2, 2, from, this.#text.indexOf("\n", from));
    return `${lines.join("\n").replace(/\n+$/, "")}${header[1] === "-" ? "" : "\n"}`;
  }
}
