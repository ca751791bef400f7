/*
 * Names of files and processes come from the container, which may be hostile: printed raw they could move the cursor,
 * hide text, or set the terminal's title. Shown are C0 and C1 controls, the marks that reorder or hide text
 * (UAX #9, and the "Trojan Source" list), line separators, tags, and halves of surrogate pairs.
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- controls are what this is about
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]|\p{Cs}/gu;

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u001B": "\\e" };

/** Text with everything that would act on a terminal written as an escape (`\n`, `\e`, `\u{202e}`); it stays one line. */
export function quoteForTerminal(text: string): string {
  return text.replaceAll(UNSAFE, (character) => {
    return NAMED[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}
