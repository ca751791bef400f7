const LIMIT_CHARS = 2000;

/** One line of what an engine said, fit for a terminal: without control characters, cut to a length that a person reads. */
export function oneLine(text: string): string {
  // The engine, an image or a registry chose these bytes; escape sequences in them would drive the user's terminal.
  const clean = text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return clean.length > LIMIT_CHARS ? `${clean.slice(0, LIMIT_CHARS)}...` : clean;
}

/** The text with a full stop at its end. */
export function sentence(text: string): string {
  const line = oneLine(text);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
