/*
 * The columns a character takes, by a rule small enough to read: marks and joiners none, East Asian wide and emoji two,
 * everything else one. Ranges: Unicode EastAsianWidth.txt, the W and F blocks.
 */
const NO_WIDTH = /^[\p{Mn}\p{Me}\u200D]/u;
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u;

/** Columns that one line of plain text takes in a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** As much of the text's beginning as fits, ending in `…` when something was left out. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width < 1 ? "" : splitAtWidth(text, width - 1)[0] + "…";
}

/** Text spread over lines of at most `width` columns (at least 1), broken between words; longer words are broken inside. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (textWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (textWidth(line) > width) {
      const [head, tail] = splitAtWidth(line, width);
      lines.push(head);
      line = tail;
    }
  }
  lines.push(line);
  return lines;
}

function splitAtWidth(text: string, width: number): [string, string] {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += characterWidth(character);
    // The first character is always taken: a wide one in a column of one would otherwise never fit.
    if (used > width && end > 0) break;
    end += character.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

function characterWidth(character: string): number {
  if (character < "\u0300") return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
