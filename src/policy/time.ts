const DAY_MS = 86_400_000;

/** The moment at which `until TEXT` ends, in milliseconds since 1970: a day (UTC) counts whole. Undefined when the calendar has no such day. */
export function timeOf(text: string): number | undefined {
  const day = text.slice(0, 10);
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnightMs) || dayOf(midnightMs) !== day) return undefined;
  if (text === day) return midnightMs + DAY_MS;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The moment before `ms` as people write it: `2027-01-31` when that is a day's end, else the time. */
export function untilText(ms: number): string {
  if (!isDate(ms)) return "the end of time";
  return ms % DAY_MS === 0 ? dayOf(ms - DAY_MS) : new Date(ms).toISOString();
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Whether a Date can hold it (ECMAScript, "Time Values and Time Range"). */
function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15 && Math.abs(ms - DAY_MS) <= 8.64e15;
}
