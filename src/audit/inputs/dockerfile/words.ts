import { PlacedBuilder, type PlacedText } from "../../../export/placed-text.ts";
import { variable } from "../words/word.ts";

/** What ARG and ENV set; undefined: not known. */
export interface Variables {
  get(name: string): string | undefined;
}

// A variable that doubles itself in each line must not fill the memory: what is longer counts as not known.
const LONGEST = 4096;

export interface Expanded {
  readonly placed: PlacedText;
  /** Span in the file, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly unknown: boolean;
}

/** Words of ENV, LABEL, VOLUME and the like, without quotes and with variables replaced; those without a value stay `${NAME}`. */
export function wordsOf(text: PlacedText, escape: string, variables: Variables): readonly Expanded[] {
  const words: Expanded[] = [];
  let builder = new PlacedBuilder();
  let [isOpen, unknown, quote] = [false, false, ""];
  let from = 0;
  const end = (to: number): void => {
    if (isOpen) words.push({ placed: builder.build(), start: text.at(from), end: text.at(to), unknown });
    builder = new PlacedBuilder();
    [isOpen, unknown] = [false, false];
  };
  for (let at = 0; at < text.text.length; at++) {
    const character = text.text.charAt(at);
    if (quote === "" && /\s/.test(character)) {
      end(at);
      continue;
    }
    if (!isOpen) from = at;
    isOpen = true;
    if (character === escape && quote !== "'" && at + 1 < text.text.length) {
      at++;
      builder.add(text.text.charAt(at), text.at(at));
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === "$" && quote !== "'") {
      const { length, name, value } = variableAt(text.text, at, variables);
      unknown ||= name !== undefined && value === undefined;
      builder.add(name === undefined ? "$" : (value ?? variable(name)), text.at(at));
      at += length - 1;
    } else builder.add(character, text.at(at));
  }
  end(text.text.length);
  return words;
}

/** One text, such as an image's name. */
export function expanded(text: PlacedText, escape: string, variables: Variables): Expanded {
  const [first] = wordsOf(text, escape, variables);
  return first ?? { placed: text, start: text.at(0), end: text.at(text.text.length), unknown: false };
}

/** `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`; other modifiers are not followed. */
function variableAt(text: string, at: number, variables: Variables): Reference {
  const [whole = "$", bare, name = bare, modifier, word = ""] =
    /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?#%/])([^{}]*))?\})/.exec(text.slice(at, at + 1000)) ?? [];
  if (name === undefined) return { length: 1 };
  const found = { length: whole.length, name };
  const own = variables.get(name);
  const value = own !== undefined && own.length > LONGEST ? undefined : own;
  const isSet = value !== undefined && !(modifier?.startsWith(":") === true && value === "");
  if (modifier?.endsWith("-") === true) return { ...found, value: isSet ? value : plain(word) };
  if (modifier?.endsWith("+") === true) return { ...found, value: isSet ? plain(word) : "" };
  return { ...found, value: modifier === undefined || modifier.endsWith("?") ? value : undefined };
}

interface Reference {
  readonly length: number;
  /** Absent: it is a dollar. */
  readonly name?: string;
  readonly value?: string | undefined;
}

function plain(word: string): string | undefined {
  return word.includes("$") ? undefined : word.replace(/^(["'])(.*)\1$/s, "$2");
}

/** The words of the exec form; undefined for the shell form. */
export function execForm(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}
