import type { Data } from "../../export/splice/source.ts";
import type { Entries } from "./spans.ts";

/** That a text goes beyond what is read here. */
export class Unusual extends Error {}

interface Read {
  readonly value: Data;
  readonly end: number;
}

const DOUBLE = /"(?:[^"\\\r\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SINGLE = /'(?:[^'\r\n]|'')*'/y;
// Words of letters, digits and what is never an indicator where it stands here.
const FLOW_WORD = /(?:[\w./+=~$]|-(?=[\w./]))(?:[\w./@+=~$-]|:(?=[\w./@+=~$-])| +(?=[\w./]))*/y;
const FLOW_KEY = /([A-Za-z_][\w./-]*)(?=: |:\r?\n)|"[^"\\\r\n]*"(?=\s*:)|'[^'\r\n]*'(?=\s*:)/y;
// What begins something else than a word, or is none.
const NO_WORD = /^(?:[&*!|>%@`,[\]{}#"']|[-?:](?: |$))/;
const DEEPEST = 100;

/** Scalars, and what stands in brackets. */
export class PlainFlow {
  readonly #text: string;
  readonly #entries: Entries;
  #depth = 0;
  /** Where brackets must have ended. */
  #limit = 0;

  constructor(text: string, entries: Entries) {
    this.#text = text;
    this.#entries = entries;
  }

  /** A text that is one map in braces: JSON, too. */
  whole(from: number): Data {
    this.#limit = this.#text.length;
    const { value, end } = this.#collection(from);
    if (this.#text.slice(end).trim() !== "") throw new Unusual();
    return value;
  }

  /** The value that begins here on a line that ends at `to`. */
  inline(from: number, to: number): Read {
    const first = this.#text[from];
    if (first === "[" || first === "{") {
      this.#limit = to;
      return this.#collection(from);
    }
    if (first === '"' || first === "'") return this.#quoted(from);
    let line = this.#text.slice(from, to);
    const comment = line.indexOf(" #");
    line = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
    if (NO_WORD.test(line) || line.includes("\t") || line.endsWith(":") || line.includes(": ")) throw new Unusual();
    return { value: scalarOf(line), end: from + line.length };
  }

  /** The name that a key of this map is; not one that it has, or that means more than its letters. */
  keyOf(word: string, map: object): string {
    const quoted = word.startsWith('"') || word.startsWith("'");
    const key = quoted ? word.slice(1, -1) : word;
    // Objects put numbers first, and yaml's `<<` and `null` are no names.
    if (Object.hasOwn(map, key) || key === "__proto__" || /^(?:\d|<<$)/.test(key)) throw new Unusual();
    if (!quoted && typeof scalarOf(key) !== "string") throw new Unusual();
    return key;
  }

  #quoted(from: number): Read {
    const double = this.#text[from] === '"';
    const pattern = double ? DOUBLE : SINGLE;
    pattern.lastIndex = from;
    const [written] = pattern.exec(this.#text) ?? [];
    if (written === undefined) throw new Unusual();
    const end = from + written.length;
    const inner = written.slice(1, -1);
    if (!double) return { value: inner.replaceAll("''", "'"), end };
    if (!inner.includes("\\")) return { value: inner, end };
    return { value: inner.includes("\t") ? unusual() : (JSON.parse(written) as string), end };
  }

  #collection(from: number): Read {
    if (++this.#depth > DEEPEST) throw new Unusual();
    const read = this.#text[from] === "[" ? this.#list(from) : this.#map(from);
    this.#depth--;
    return read;
  }

  #list(from: number): Read {
    const items: Data[] = [];
    const spans: number[] = [];
    this.#entries.set(items, spans);
    let at = this.#blanks(from + 1);
    while (this.#text[at] !== "]") {
      const { value, end } = this.#item(at);
      spans.push(at, typeof value === "object" && value !== null ? -1 : end);
      items.push(value);
      at = this.#behindItem(end, "]");
    }
    return { value: items, end: at + 1 };
  }

  #map(from: number): Read {
    const data: Record<string, Data> = {};
    const spans: number[] = [];
    this.#entries.set(data, spans);
    let at = this.#blanks(from + 1);
    while (this.#text[at] !== "}") {
      FLOW_KEY.lastIndex = at;
      const [word] = FLOW_KEY.exec(this.#text) ?? [];
      if (word === undefined) throw new Unusual();
      const key = this.keyOf(word, data);
      const colon = this.#blanks(at + word.length);
      const start = this.#blanks(colon + 1);
      const { value, end } = this.#item(start);
      const scalar = typeof value !== "object" || value === null;
      spans.push(at, at + word.length, scalar ? start : -1, scalar ? end : -1);
      data[key] = value;
      at = this.#behindItem(end, "}");
    }
    return { value: data, end: at + 1 };
  }

  #item(at: number): Read {
    const first = this.#text[at];
    if (first === "[" || first === "{") return this.#collection(at);
    if (first === '"' || first === "'") return this.#quoted(at);
    FLOW_WORD.lastIndex = at;
    const [word] = FLOW_WORD.exec(this.#text) ?? [];
    if (word === undefined) throw new Unusual();
    return { value: scalarOf(word), end: at + word.length };
  }

  /** At the next item, or at the bracket that ends them. */
  #behindItem(end: number, bracket: "]" | "}"): number {
    const at = this.#blanks(end);
    if (this.#text[at] === bracket) return at;
    if (this.#text[at] !== ",") throw new Unusual();
    const next = this.#blanks(at + 1);
    if (this.#text[next] === bracket) throw new Unusual();
    return next;
  }

  #blanks(from: number): number {
    let at = from;
    for (
      let code = this.#text.charCodeAt(at);
      code === 32 || code === 10 || code === 13;
      code = this.#text.charCodeAt(at)
    )
      at++;
    if (at >= this.#limit) throw new Unusual();
    return at;
  }
}

/** What a word without quotes stands for (YAML 1.2.2, 10.3.2). */
export function scalarOf(word: string): Data {
  const first = word.charCodeAt(0);
  // Most begin with a letter that none of the others begins with, or are no number after all.
  if ((first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46) return numberOf(word);
  if (/^(?:~|null|Null|NULL)$/.test(word)) return null;
  if (/^(?:true|True|TRUE)$/.test(word)) return true;
  return /^(?:false|False|FALSE)$/.test(word) ? false : word;
}

function numberOf(word: string): Data {
  if (/^[-+]?\d+$/.test(word) || /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(word)) return Number(word);
  if (/^(?:0[xo]|[-+]?\.(?:inf|nan))/i.test(word)) throw new Unusual();
  return word;
}

function unusual(): never {
  throw new Unusual();
}
