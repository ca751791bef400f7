import type { Location } from "../model/finding.ts";
import type { Data, YamlData } from "../export/splice/source.ts";
import { Lines } from "./plain-yaml/lines.ts";
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
 * Reads block style with values on one line, literal blocks, and flow style on one line or, as JSON, for the whole text: many
 * times faster than yaml, which reads everything. Undefined for whatever else there may be, errors too: then ask yaml.
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
const DEEPEST = 100;

class Reader {
  readonly #text: string;
  readonly #entries: Entries;
  readonly #flow: PlainFlow;
  readonly #lines: Lines;
  #depth = 0;

  constructor(text: string, entries: Entries) {
    this.#text = text;
    this.#entries = entries;
    this.#lines = new Lines(text);
    this.#flow = new PlainFlow(text, entries);
  }

  document(): YamlData {
    this.#lines.advance();
    if (this.#lines.indent === 0 && /^---(?: +#.*)? *$/.test(this.#text.slice(this.#lines.from, this.#lines.to)))
      this.#lines.advance();
    if (this.#lines.indent < 0) throw new Unusual();
    if (this.#text[this.#lines.from] === "{") {
      const data = this.#flow.whole(this.#lines.from) as YamlData;
      // Where an empty document stands, yaml knows better.
      if (Object.keys(data).length === 0) throw new Unusual();
      return data;
    }
    const data = this.#map(this.#lines.indent);
    if (this.#lines.indent >= 0) throw new Unusual();
    return data;
  }

  #map(indent: number): YamlData {
    if (++this.#depth > DEEPEST) throw new Unusual();
    const data: Record<string, Data> = {};
    const spans: number[] = [];
    while (this.#lines.indent === indent) {
      KEY.lastIndex = this.#lines.from;
      const [whole = "", word = "", blanks = ""] = KEY.exec(this.#text) ?? [];
      if (whole === "") throw new Unusual();
      const keyEnd = this.#lines.from + whole.length - 1 - blanks.length;
      const key = this.#flow.keyOf(word, data);
      spans.push(this.#lines.from, keyEnd, -1, -1);
      data[key] = this.#value(this.#lines.from + whole.length, indent, spans, true);
    }
    if (this.#lines.indent > indent) throw new Unusual();
    this.#depth--;
    this.#entries.set(data, spans);
    return data;
  }

  #list(indent: number): readonly Data[] {
    if (++this.#depth > DEEPEST) throw new Unusual();
    const items: Data[] = [];
    const spans: number[] = [];
    while (this.#lines.indent === indent && this.#lines.isItem()) {
      let from = this.#lines.from + 1;
      while (this.#text.charCodeAt(from) === 32) from++;
      KEY.lastIndex = from;
      if (from < this.#lines.to && KEY.test(this.#text)) {
        this.#lines.indent += from - this.#lines.from;
        this.#lines.from = from;
        spans.push(from, -1);
        items.push(this.#map(this.#lines.indent));
        continue;
      }
      const value: number[] = [0, 0, -1, -1];
      const item = this.#value(from, indent, value, false);
      // Where nothing stands, or a list begins on another line, yaml knows better where that is.
      if (item === null || (Array.isArray(item) && this.#text[from] !== "[")) throw new Unusual();
      spans.push(from, value[3] ?? -1);
      items.push(item);
    }
    if (this.#lines.indent > indent) throw new Unusual();
    this.#depth--;
    this.#entries.set(items, spans);
    return items;
  }

  /** What stands behind a key's colon or an item's dash, and the lines that belong to it. */
  #value(behind: number, indent: number, spans: number[], ofKey: boolean): Data {
    let from = behind;
    while (this.#text.charCodeAt(from) === 32) from++;
    if (from >= this.#lines.to || (this.#text[from] === "#" && from > behind)) {
      this.#lines.advance();
      if (this.#lines.indent > indent)
        return this.#lines.isItem() ? this.#list(this.#lines.indent) : this.#map(this.#lines.indent);
      return ofKey && this.#lines.indent === indent && this.#lines.isItem() ? this.#list(indent) : null;
    }
    const value = this.#text[from] === "|" ? this.#literal(from, indent, spans) : this.#inline(from, spans);
    this.#lines.advance();
    // What goes on over several lines.
    if (this.#lines.indent > indent) throw new Unusual();
    return value;
  }

  #inline(from: number, spans: number[]): Data {
    const text = this.#text;
    const { value, end } = this.#flow.inline(from, this.#lines.to);
    let behind = end;
    while (behind < this.#lines.to && text.charCodeAt(behind) === 32) behind++;
    if (behind < this.#lines.to && (text[behind] !== "#" || behind === end)) throw new Unusual();
    if (typeof value !== "object" || value === null) spans.splice(-2, 2, from, end);
    return value;
  }

  #literal(from: number, indent: number, spans: number[]): string {
    spans.splice(-2, 2, from, this.#text.indexOf("\n", from));
    return this.#lines.literal(from, indent);
  }
}
