import type { Mark } from "./types.ts";

/** Shorter texts stand in any file by chance: they count only as a word of their own. */
const WORD_CHARS = 8;
const WORD = /[\p{L}\p{N}_]/u;

/** What of a container, host or run a text gives away; undefined when nothing. */
export function findMark(text: string, marks: readonly Mark[]): string | undefined {
  return marks.find((mark) => holds(text, mark.text))?.what;
}

function holds(text: string, mark: string): boolean {
  if (mark === "") return false;
  if (mark.length < WORD_CHARS) return holdsWord(text, mark);
  return writings(mark).some((writing) => text.includes(writing));
}

function holdsWord(text: string, mark: string): boolean {
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) {
    const before = text.charAt(at - 1);
    const after = text.charAt(at + mark.length);
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

/** A value is still the value when it is encoded: Base64 at each of its three alignments, hexadecimal, as part of a URL. */
function writings(mark: string): readonly string[] {
  const bytes = [...new TextEncoder().encode(mark)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [mark, ...aligned(bytes), hex, hex.toUpperCase(), encodeURIComponent(mark.toWellFormed())];
}

/** The digits that are the same whatever stands before and after. */
function aligned(bytes: readonly number[]): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const digits = btoa(String.fromCharCode(...Array<number>(offset).fill(0), ...bytes)).replace(/=+$/, "");
    const isWhole = (offset + bytes.length) % 3 === 0;
    return digits.slice(offset === 0 ? 0 : offset + 1, isWhole ? undefined : -1);
  });
}
