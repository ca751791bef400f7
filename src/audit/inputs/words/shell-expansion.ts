import { variable } from "./word.ts";

/** How variables and commands are written in a command line: make doubles the dollar that the shell is to see. */
export type Dialect = "shell" | "make";

/** Something in a command line that the shell, or what writes the line for it, replaces. */
export interface Expansion {
  /** Offset behind it. */
  readonly end: number;
  /** What stands in the word instead. */
  readonly as: string;
  /** It may become several words, even in quotes. */
  readonly many: boolean;
  /** Commands that are run for it: span of their text. */
  readonly commands?: readonly [from: number, to: number];
}

/** Finds where what was opened ends; one that is not closed makes it look for no more of that kind. */
export class Expansions {
  readonly #text: string;
  readonly #dialect: Dialect;
  readonly #unclosed = new Set<string>();

  constructor(text: string, dialect: Dialect) {
    this.#text = text;
    this.#dialect = dialect;
  }

  /** The expansion that begins here; undefined when the characters stand for themselves. */
  at(start: number): Expansion | undefined {
    const text = this.#text;
    const character = text.charAt(start);
    if (character === "`") return this.#backticks(start);
    if (character === "{") return text.charAt(start + 1) === "{" ? this.#template(start) : undefined;
    if (character !== "$") return undefined;
    if (this.#dialect === "shell") return this.#dollar(start);
    if (text.charAt(start + 1) === "$") return this.#dollar(start + 1) ?? { end: start + 2, as: "$", many: false };
    return this.#ofMake(start);
  }

  /** Offset of the quotation mark that closes the one here; -1 without one. */
  closing(start: number): number {
    const mark = this.#text.charAt(start);
    if (this.#unclosed.has(mark)) return -1;
    let at = start + 1;
    for (; at < this.#text.length && this.#text.charAt(at) !== mark; at++)
      if (mark !== "'" && this.#text.charAt(at) === "\\") at++;
      else if (mark === '"') at = (this.at(at)?.end ?? at + 1) - 1;
    if (at < this.#text.length) return at;
    this.#unclosed.add(mark);
    return -1;
  }

  #backticks(start: number): Expansion | undefined {
    const end = this.closing(start);
    return end < 0 ? undefined : { end: end + 1, as: variable(""), many: false, commands: [start + 1, end] };
  }

  /** `{{ x }}` of just, Task, Ansible and Jinja, and behind a dollar of GitHub and Azure. */
  #template(start: number): Expansion | undefined {
    const end = this.#unclosed.has("{{") ? -1 : this.#text.indexOf("}}", start);
    if (end < 0) this.#unclosed.add("{{");
    if (end < 0 || this.#text.slice(start, end).includes("\n")) return undefined;
    return { end: end + 2, as: variable(this.#text.slice(start + 2, end).trim()), many: false };
  }

  #dollar(start: number): Expansion | undefined {
    const text = this.#text;
    const next = text.charAt(start + 1);
    if (next === "{" && text.charAt(start + 2) === "{") return this.#template(start + 1);
    if (next === "(") {
      const end = this.#matching(start + 1, "(", ")");
      if (end < 0) return undefined;
      const inner = text.slice(start + 2, end - 1);
      const as = variable(inner.trim() === "pwd" ? "PWD" : "");
      return { end, as, many: false, ...(inner.startsWith("(") ? {} : { commands: [start + 2, end - 1] as const }) };
    }
    if (next === "{") {
      const end = this.#matching(start + 1, "{", "}");
      if (end < 0) return undefined;
      const inner = text.slice(start + 2, end - 1);
      const name = /^[\w@*]+/.exec(inner)?.[0] ?? "";
      return { end, as: variable(name), many: /^[@*]|^\w+\[[@*]\]/.test(inner) };
    }
    const name = /^(?:[A-Za-z_]\w{0,200}|[\d@*#?!$-])/.exec(text.slice(start + 1, start + 202))?.[0];
    return name === undefined
      ? undefined
      : { end: start + 1 + name.length, as: variable(name), many: name === "@" || name === "*" };
  }

  #ofMake(start: number): Expansion | undefined {
    const open = this.#text.charAt(start + 1);
    if (open !== "(" && open !== "{")
      return /[A-Za-z@<^*?+%]/.test(open) ? { end: start + 2, as: variable(open), many: false } : undefined;
    const end = this.#matching(start + 1, open, open === "(" ? ")" : "}");
    if (end < 0) return undefined;
    const inner = this.#text.slice(start + 2, end - 1).trim();
    return { end, as: variable(/^(?:shell pwd|CURDIR)$/.test(inner) ? "PWD" : inner), many: false };
  }

  /** Offset behind the bracket that closes the one here, quotes in between skipped; -1 without one. */
  #matching(start: number, open: string, close: string): number {
    if (this.#unclosed.has(open)) return -1;
    let depth = 0;
    for (let at = start; at < this.#text.length; at++) {
      const character = this.#text.charAt(at);
      if (character === "\\") at++;
      else if (character === open) depth++;
      else if (character === close && --depth === 0) return at + 1;
      else if (character === "'" || character === '"') {
        const end = this.#closingPlain(at);
        if (end > 0) at = end;
      }
    }
    this.#unclosed.add(open);
    return -1;
  }

  #closingPlain(start: number): number {
    const mark = this.#text.charAt(start);
    for (let at = start + 1; at < this.#text.length; at++)
      if (mark === '"' && this.#text.charAt(at) === "\\") at++;
      else if (this.#text.charAt(at) === mark) return at;
    return -1;
  }
}
