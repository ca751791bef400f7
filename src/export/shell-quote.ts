import { PetrifyError } from "../model/errors.ts";

/** A word that every POSIX shell reads back as exactly this text. Throws E_EXPORT_UNSUPPORTED for NUL, which no argument can hold. */
export function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (word.includes("\0"))
    throw new PetrifyError("E_EXPORT_UNSUPPORTED", "A command line cannot hold the character NUL.", {
      hint: "Look for it in the strategy's workload.",
    });
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
