import { bodyError } from "./body-error.ts";
import { type JsonValue, NULL } from "./value.ts";

export interface JsonLimits {
  readonly maxBytes: number;
  /** Lists and objects within each other. Go's own bound is 10,000. */
  readonly maxDepth: number;
}

/**
 * A JSON text (RFC 8259), nothing before or after it but white space. Stricter than Go's encoding/json, which takes invalid UTF-8
 * and halves of surrogate pairs for U+FFFD, and the last of two equal keys: all of these are refused. Throws E_REQUEST_BODY.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): JsonValue {
  if (bytes.length > limits.maxBytes) throw bodyError("", `is longer than ${limits.maxBytes} bytes`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bodyError("", "is not UTF-8");
  }
  return new Parser(text, limits.maxDepth).whole();
}

const SPACE = " \t\r\n";
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** Up to the next character that is not itself. */
// oxlint-disable-next-line no-control-regex -- controls must be escaped in JSON
const PLAIN = /[^"\\\u0000-\u001F]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;
  #depth = 0;
  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  whole(): JsonValue {
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw bodyError("", "goes on after its end");
    return value;
  }

  #value(): JsonValue {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#list();
      case '"':
        return { kind: "string", value: this.#string() };
      case "t":
      case "f":
      case "n":
        return this.#word();
      case undefined:
      default:
        return this.#number();
    }
  }

  #number(): JsonValue {
    const text = this.#match(NUMBER);
    if (text === "") throw this.#malformed();
    return { kind: "number", text };
  }

  #word(): JsonValue {
    const word = this.#match(WORD);
    if (word === "") throw this.#malformed();
    return word === "null" ? NULL : { kind: "bool", value: word === "true" };
  }

  #object(): JsonValue {
    const members = new Map<string, JsonValue>();
    this.#within("}", () => {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#malformed();
      const key = this.#string();
      if (members.has(key)) throw bodyError("", `has the key ${shown(key)} twice in one object`);
      this.#skipSpace();
      if (!this.#take(":")) throw this.#malformed();
      members.set(key, this.#value());
    });
    return { kind: "object", members };
  }

  #list(): JsonValue {
    const items: JsonValue[] = [];
    this.#within("]", () => items.push(this.#value()));
    return { kind: "list", items };
  }

  /** What stands between brackets, one after the other. */
  #within(end: string, one: () => void): void {
    if (++this.#depth > this.#maxDepth) throw bodyError("", `is nested deeper than ${this.#maxDepth} levels`);
    this.#at++;
    this.#skipSpace();
    if (!this.#take(end)) {
      do {
        one();
        this.#skipSpace();
      } while (this.#take(","));
      if (!this.#take(end)) throw this.#malformed();
    }
    this.#depth--;
  }

  #string(): string {
    this.#at++;
    let value = "";
    for (;;) {
      value += this.#match(PLAIN);
      if (this.#take('"')) break;
      if (!this.#take("\\")) throw this.#malformed();
      value += this.#escape();
    }
    if (!value.isWellFormed()) throw bodyError("", "has half of a surrogate pair in a string");
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? "";
    if (letter !== "u") {
      const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      if (character === undefined) throw this.#malformed();
      return character;
    }
    const hex = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[\da-fA-F]{4}$/.test(hex)) throw this.#malformed();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** What a sticky pattern finds here; empty when it does not match. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return "";
    const found = this.#text.slice(this.#at, pattern.lastIndex);
    this.#at = pattern.lastIndex;
    return found;
  }

  #skipSpace(): void {
    while (SPACE.includes(this.#text[this.#at] ?? "-")) this.#at++;
  }

  #malformed(): Error {
    const isEnd = this.#at >= this.#text.length;
    return bodyError("", isEnd ? "ends too early to be JSON" : `is not JSON from character ${this.#at + 1} on`);
  }
}

/** A client's key in a sentence, short and without what would act on a terminal. */
export function shown(key: string): string {
  const plain = JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}...` : key);
  return plain.replaceAll(/[^ -~]/gu, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}
