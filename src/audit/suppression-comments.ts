import type { Location } from "../model/finding.ts";
import type { Suppression } from "./container.ts";

/** What a comment says: an exception, or why it is none. */
export interface SuppressionComment {
  readonly line: number;
  /** The comment has the line to itself: it is about what stands below it. */
  readonly alone: boolean;
  readonly at: Location;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly until?: string;
  /** One sentence; such a comment counts for nothing. */
  readonly invalid?: string;
}

const WORD = "petrify-ignore";
const COMMENT = /(?:^|[ \t])(?:#|\/\/)[ \t]*petrify-ignore(?![\w-])[ \t]*(.*)$/;
const CONTENT = /^([a-z][a-z0-9-]*(?:[ \t]*,[ \t]*[a-z][a-z0-9-]*)*)(?:[ \t]+until[ \t]+(\S+?))?[ \t]*:[ \t]*(.*)$/;
/** A reason is a sentence, not a book. */
const MOST_OF_A_LINE = 2_000;

/** Every `petrify-ignore RULE[, RULE] [until YYYY-MM-DD]: reason` of a text, in any comment that begins with `#` or `//`. */
export function suppressionComments(text: string): readonly SuppressionComment[] {
  const found: SuppressionComment[] = [];
  // Almost no text has one: the others cost one search.
  for (let at = text.indexOf(WORD), line = 1, from = 0; at >= 0; at = text.indexOf(WORD, at)) {
    const start = text.lastIndexOf("\n", at) + 1;
    for (let end = text.indexOf("\n", from); end >= 0 && end < start; end = text.indexOf("\n", from)) {
      from = end + 1;
      line++;
    }
    const end = text.indexOf("\n", start);
    const whole = text.slice(start, Math.min(end < 0 ? text.length : end, start + MOST_OF_A_LINE)).replace(/\r$/, "");
    const match = COMMENT.exec(whole);
    if (match !== null) found.push(parse(match, whole, line));
    if (end < 0) break;
    at = end;
  }
  return found;
}

function parse(match: RegExpExecArray, whole: string, line: number): SuppressionComment {
  const column = whole.indexOf(WORD, match.index) + 1;
  const base = {
    line,
    alone: whole.slice(0, match.index).trim() === "",
    at: { line, column, endColumn: column + WORD.length },
  };
  const content = CONTENT.exec((match[1] ?? "").trim());
  const reason = content?.[3]?.trim() ?? "";
  const until = content?.[2];
  const rules = (content?.[1] ?? "").split(",").map((rule) => rule.trim());
  const nothing = { ...base, rules: [], reason: "" };
  if (content === null)
    return { ...nothing, invalid: `A comment '${WORD}' names no rule and reason: it does not count.` };
  if (reason === "")
    return { ...nothing, invalid: `The exception for ${rules.join(", ")} has no reason: it does not count.` };
  if (until !== undefined && !isDay(until))
    return { ...nothing, invalid: `'${until}' is no day: the exception for ${rules.join(", ")} does not count.` };
  return { ...base, rules, reason, ...(until === undefined ? {} : { until }) };
}

/** Whether a text is a day of the calendar: `2027-01-31`. */
export function isDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Whether an exception still holds on a day; on its last day it does. */
export function holds({ until }: Pick<Suppression, "until">, today: string): boolean {
  return until === undefined || today <= until;
}
