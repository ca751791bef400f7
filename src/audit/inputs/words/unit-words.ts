import { PlacedBuilder, type PlacedText } from "../../../export/placed-text.ts";
import { type Word, variable } from "./word.ts";

// systemd.syntax; octal, hexadecimal and unicode escapes beside them.
const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  s: " ",
};
const NUMBERED = /^(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-7]{3}))/;

/** How variables are read: those of command lines (systemd.service), or none, as in lists. */
export type UnitVariables = "command" | "none";

/**
 * The words of a setting as systemd divides it: quotes begin and end words, backslashes are those of C, `%%` and `$$` stand for
 * one character. Specifiers (`%h`) and variables are not known.
 */
export function unitWords(value: PlacedText, variables: UnitVariables): readonly Word[] {
  const words: Word[] = [];
  const { text } = value;
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const reader = new WordReader(value, at, variables);
    words.push(reader.word());
    at = reader.at;
  }
  return words;
}

/** A value as systemd reads it where there are no words: only specifiers are replaced. */
export function unitText(value: PlacedText): Word {
  const builder = new PlacedBuilder();
  let unknown = false;
  for (let at = 0; at < value.text.length; at++) {
    const specifier = specifierAt(value.text, at);
    builder.add(specifier ?? value.text.charAt(at), value.at(at));
    unknown ||= specifier !== undefined && specifier !== "%";
    if (specifier !== undefined) at++;
  }
  const [start, end] = [value.at(0), value.at(value.text.length)];
  return { placed: builder.build(), start, end, unknown, many: false };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at;
}

function specifierAt(text: string, at: number): string | undefined {
  const letter = text.charAt(at) === "%" ? text.charAt(at + 1) : "";
  if (letter === "%") return "%";
  return /^[A-Za-z]$/.test(letter) ? variable(`%${letter}`) : undefined;
}

class WordReader {
  at: number;
  readonly #value: PlacedText;
  readonly #variables: UnitVariables;
  readonly #builder = new PlacedBuilder();
  #unknown = false;
  #many = false;

  constructor(value: PlacedText, at: number, variables: UnitVariables) {
    this.#value = value;
    this.at = at;
    this.#variables = variables;
  }

  word(): Word {
    const start = this.at;
    const { text } = this.#value;
    let quote = "";
    for (; this.at < text.length; this.at++) {
      const character = text.charAt(this.at);
      if (quote === "" && /\s/.test(character)) break;
      if (character === "\\" && this.at + 1 < text.length) this.#escape(text);
      else if (character === quote) quote = "";
      else if (quote === "" && (character === '"' || character === "'")) quote = character;
      else this.#plain(text, start, quote);
    }
    const placed = this.#builder.build();
    return {
      placed,
      start: this.#value.at(start),
      end: this.#value.at(this.at),
      unknown: this.#unknown,
      many: this.#many,
    };
  }

  #escape(text: string): void {
    const from = this.#value.at(this.at);
    const [whole = "", ...digits] = NUMBERED.exec(text.slice(this.at + 1, this.at + 10)) ?? [];
    if (whole !== "") {
      const index = digits.findIndex((each) => each !== undefined);
      const code = Number.parseInt(digits[index] ?? "", index === 3 ? 8 : 16);
      this.#builder.add(code > 0x10_ff_ff ? "\uFFFD" : String.fromCodePoint(code), from);
      this.at += whole.length;
      return;
    }
    const sign = text.charAt(this.at + 1);
    this.#builder.add(ESCAPES[sign] ?? sign, from);
    this.at++;
  }

  #plain(text: string, start: number, quote: string): void {
    const from = this.#value.at(this.at);
    const specifier = specifierAt(text, this.at);
    const name = specifier === undefined ? this.#variableAt(text) : undefined;
    const piece =
      specifier ?? (name === undefined ? undefined : name === "$" ? "$" : variable(name.replaceAll(/[{}$]/g, "")));
    if (piece === undefined) {
      this.#builder.add(text.charAt(this.at), from);
      return;
    }
    this.#builder.add(piece, from);
    if (piece.length > 1) this.#unknown = true;
    const length = specifier !== undefined || name === "$" ? 2 : (name ?? "").length;
    const isWhole =
      this.at === start && quote === "" && /^(?:\s|$)/.test(text.slice(this.at + length, this.at + length + 1));
    // `$NAME` alone is divided at blanks, `${NAME}` is not (systemd.service).
    if (name !== undefined && name !== "$" && !name.startsWith("${") && isWhole) this.#many = true;
    this.at += length - 1;
  }

  /** `$NAME` or `${NAME}` as it stands there, or `$` for two of them. */
  #variableAt(text: string): string | undefined {
    if (this.#variables === "none" || text.charAt(this.at) !== "$") return undefined;
    if (text.charAt(this.at + 1) === "$") return "$";
    return /^\$(?:\{\w+\}|\w+)/.exec(text.slice(this.at, this.at + 300))?.[0];
  }
}
