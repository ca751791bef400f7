import type { PlacedText } from "../../../export/placed-text.ts";

/** One word of a command line, without its quotes. What only the run tells stands in it as `${NAME}`. */
export interface Word {
  readonly placed: PlacedText;
  /** Span in the file, quotes included. */
  readonly start: number;
  readonly end: number;
  /** Something in it is only known when it runs. */
  readonly unknown: boolean;
  /** It is a variable and nothing else, which may become several words or none: `$OPTIONS`, `"$@"`. */
  readonly many: boolean;
}

/** Whether something in a text is only known when it runs. */
export function isVariable(text: string): boolean {
  return text.includes("${");
}

/** How a variable is written in a word: its name, or dots for what is no name. */
export function variable(name: string): string {
  return /^[\w%.-]+$/.test(name) ? `\${${name}}` : "${...}";
}
