import { PlacedText } from "../../../export/placed-text.ts";

/**
 * The recipe lines of a Makefile or justfile, each with the lines that continue it, without what make reads itself (`@`, `-`, `+`).
 * Each is a shell's own.
 */
export function makeLines(text: string): readonly PlacedText[] {
  const lines: PlacedText[] = [];
  for (let start = 0; start < text.length;) {
    const end = logicalEnd(text, start);
    const from = recipeStart(text, start, end);
    if (from !== undefined) lines.push(new PlacedText(text.slice(from, end), from));
    start = end + 1;
  }
  return lines;
}

/** Where the recipe of a line begins: behind its indentation, or behind the semicolon of a rule. */
function recipeStart(text: string, start: number, end: number): number | undefined {
  const line = text.slice(start, end);
  const [, prefix = "", recipe] = /^([ \t]+[@+-]*[ \t]*|[^#=;\n]*:[^=;\n]*;[ \t]*[@+-]*[ \t]*)(\S)/.exec(line) ?? [];
  return recipe === undefined || recipe === "#" ? undefined : start + prefix.length;
}

function logicalEnd(text: string, start: number): number {
  for (let from = start; ;) {
    const end = text.indexOf("\n", from);
    if (end < 0) return text.length;
    const last = text.charAt(end - 1) === "\r" ? end - 2 : end - 1;
    if (last < from || text.charAt(last) !== "\\") return end;
    from = end + 1;
  }
}
