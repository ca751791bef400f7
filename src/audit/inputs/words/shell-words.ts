import { PlacedBuilder, type PlacedText } from "../../../export/placed-text.ts";
import { type Dialect, type Expansion, Expansions } from "./shell-expansion.ts";
import type { Word } from "./word.ts";

export type Command = readonly Word[];

// Commands in commands in commands: deeper than this nobody writes them.
const DEEPEST = 10;

/**
 * The simple commands of a shell text in the order in which they begin, those of substitutions behind the one that they stand in.
 * Comments, redirections and here-documents are left out. Anything is read somehow: a quotation mark that nothing closes stands
 * for itself.
 */
export function shellCommands(code: PlacedText, dialect: Dialect = "shell", depth = 0): readonly Command[] {
  const reader = new ShellReader(code, dialect);
  const { commands, inner } = reader.read();
  if (depth >= DEEPEST) return commands;
  return [...commands, ...inner.flatMap((part) => shellCommands(part, dialect, depth + 1))];
}

interface Draft {
  readonly start: number;
  readonly builder: PlacedBuilder;
  unknown: boolean;
  /** Pieces that are variables, and whether one of them divides words even in quotes. */
  pieces: number;
  divides: boolean;
  isQuoted: boolean;
  plain: number;
}

type Redirect = "none" | "file" | "here";

class ShellReader {
  readonly #code: PlacedText;
  readonly #text: string;
  readonly #expansions: Expansions;
  readonly #commands: Word[][] = [];
  readonly #inner: PlacedText[] = [];
  readonly #delimiters: string[] = [];
  /** Delimiters that stand nowhere below. */
  readonly #endless = new Set<string>();
  #command: Word[] = [];
  #word: Draft | undefined;
  #redirect: Redirect = "none";
  #at = 0;

  constructor(code: PlacedText, dialect: Dialect) {
    this.#code = code;
    this.#text = code.text;
    this.#expansions = new Expansions(code.text, dialect);
  }

  read(): { readonly commands: readonly Command[]; readonly inner: readonly PlacedText[] } {
    while (this.#at < this.#text.length) this.#step(this.#text.charAt(this.#at));
    this.#endCommand();
    return { commands: this.#commands, inner: this.#inner };
  }

  #step(character: string): void {
    switch (character) {
      case " ":
      case "\t":
      case "\r":
        this.#endWord();
        this.#at++;
        return;
      case "\n":
        this.#endCommand();
        this.#at++;
        this.#skipHereDocuments();
        return;
      case "\\":
        this.#backslash();
        return;
      case "'":
      case '"':
        this.#quoted(character);
        return;
      case "#":
        if (this.#word === undefined) this.#skipLine();
        else this.#plain();
        return;
      case "<":
      case ">":
        this.#redirection(character);
        return;
      case ";":
      case "|":
      case "(":
      case ")":
        this.#endCommand();
        this.#at++;
        return;
      case "&":
        if (this.#text.charAt(this.#at + 1) === ">") this.#endWord();
        else this.#endCommand();
        this.#at++;
        return;
      default:
        if (!this.#expansion(false)) this.#plain();
    }
  }

  #plain(): void {
    const word = this.#open();
    word.builder.add(this.#text.charAt(this.#at), this.#code.at(this.#at));
    word.plain++;
    this.#at++;
  }

  #open(): Draft {
    return (this.#word ??= {
      start: this.#at,
      builder: new PlacedBuilder(),
      unknown: false,
      pieces: 0,
      divides: false,
      isQuoted: false,
      plain: 0,
    });
  }

  #backslash(): void {
    const lineBreak = /^\\\r?\n/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0];
    if (lineBreak !== undefined) {
      this.#at += lineBreak.length;
      return;
    }
    this.#at++;
    if (this.#at < this.#text.length) this.#plain();
  }

  #quoted(mark: string): void {
    const end = this.#expansions.closing(this.#at);
    if (end < 0) {
      this.#plain();
      return;
    }
    const word = this.#open();
    word.isQuoted = true;
    this.#at++;
    if (mark === "'") for (; this.#at < end;) this.#plain();
    else while (this.#at < end) this.#inDoubleQuotes();
    this.#at = end + 1;
  }

  #inDoubleQuotes(): void {
    const next = this.#text.charAt(this.#at + 1);
    if (this.#text.charAt(this.#at) !== "\\") {
      if (!this.#expansion(true)) this.#plain();
    } else if (next === "\n") this.#at += 2;
    else {
      if ('"\\$`'.includes(next)) this.#at++;
      this.#plain();
    }
  }

  #expansion(isQuoted: boolean): boolean {
    const found: Expansion | undefined = this.#expansions.at(this.#at);
    if (found === undefined) return false;
    const word = this.#open();
    word.builder.add(found.as, this.#code.at(this.#at));
    if (found.as !== "$") {
      word.unknown = true;
      word.pieces++;
      word.divides ||= found.many || !isQuoted;
    } else word.plain++;
    if (found.commands !== undefined) this.#inner.push(this.#code.slice(...found.commands));
    this.#at = found.end;
    return true;
  }

  #redirection(character: string): void {
    // The number of a file, as in 2>&1.
    if (this.#word !== undefined && /^\d+$/.test(this.#word.builder.build().text)) this.#word = undefined;
    this.#endWord();
    const [operator = ""] = /^(?:<<<|<<-|<<|<&|<>|>>|>&|>\||<|>)/.exec(this.#text.slice(this.#at, this.#at + 3)) ?? [];
    this.#at += Math.max(operator.length, 1);
    if (operator === character && this.#text.charAt(this.#at) === "(") return;
    this.#redirect = operator === "<<" || operator === "<<-" ? "here" : "file";
  }

  #endWord(): void {
    const draft = this.#word;
    this.#word = undefined;
    if (draft === undefined) return;
    const placed = draft.builder.build();
    const redirect = this.#redirect;
    this.#redirect = "none";
    if (redirect === "none") {
      const many = draft.pieces > 0 && draft.plain === 0 && draft.divides;
      const [start, end] = [this.#code.at(draft.start), this.#code.at(this.#at)];
      this.#command.push({ placed, start, end, unknown: draft.unknown, many });
    } else if (redirect === "here") this.#delimiters.push(placed.text);
  }

  #endCommand(): void {
    this.#endWord();
    this.#redirect = "none";
    if (this.#command.length > 0) this.#commands.push(this.#command);
    this.#command = [];
  }

  #skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  /** Their lines are no commands; without its delimiter nothing is skipped. */
  #skipHereDocuments(): void {
    for (const delimiter of this.#delimiters.splice(0)) {
      const end = this.#endless.has(delimiter) ? undefined : this.#endOf(delimiter);
      if (end === undefined) this.#endless.add(delimiter);
      else this.#at = end;
    }
  }

  /** Where the here-document ends that begins here. In a block of YAML its delimiter is indented, whatever the shell says. */
  #endOf(delimiter: string): number | undefined {
    for (let start = this.#at; start < this.#text.length;) {
      const lineBreak = this.#text.indexOf("\n", start);
      const end = lineBreak < 0 ? this.#text.length : lineBreak;
      if (this.#text.slice(start, end).trim() === delimiter) return Math.min(end + 1, this.#text.length);
      start = end + 1;
    }
    return undefined;
  }
}
