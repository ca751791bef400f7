import type { Location } from "../../model/finding.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { textWidth, truncate } from "../../model/text-width.ts";

/** A line of a source as a terminal shows it, and the marks below what is meant. */
export interface Excerpt {
  readonly line: string;
  readonly marks: string;
}

/** More of a line than this is never looked at. */
const MOST_CHARACTERS = 2_000;

/**
 * The part of a line around a place, in at most `width` columns. Tabs and controls are shown as escapes, and the marks stand
 * below what they became.
 */
export function excerpt(line: string, { column, endColumn }: Location, width: number): Excerpt {
  const start = Math.min(column - 1, line.length);
  const from = textWidth(show(line.slice(Math.max(0, start - MOST_CHARACTERS), start))) < width / 2 ? 0 : start;
  const lead = from === 0 ? "" : "…";
  const before = textWidth(lead + show(line.slice(from, start)));
  const shown = truncate(lead + show(line.slice(from, from + MOST_CHARACTERS)), width);
  const meant = textWidth(show(line.slice(start, Math.min((endColumn ?? column + 1) - 1, start + MOST_CHARACTERS))));
  const marks = Math.max(1, Math.min(meant, width - before));
  return { line: shown, marks: " ".repeat(before) + "^".repeat(marks) };
}

function show(text: string): string {
  return quoteForTerminal(text);
}
