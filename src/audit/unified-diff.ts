import { commonEdits, type Run } from "./unified-diff/line-runs.ts";

const CONTEXT_LINES = 3;

/**
 * The change of a file as a unified diff that `git apply` and `patch -p1` take; empty when there is none. The name is as seen from
 * where it is applied.
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const [old, changed] = [linesOf(before), linesOf(after)];
  const hunks = hunksOf(commonEdits(old, changed), old.length);
  const body = hunks.map((runs) => hunkText(runs, old, changed)).join("");
  return `--- ${headerName(`a/${name}`)}\n+++ ${headerName(`b/${name}`)}\n${body}`;
}

/** Lines with their line breaks; the last one may have none. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Changes that are near to each other stand in one hunk; each begins and ends with context, where there is any. */
function hunksOf(edits: readonly Run[], oldLength: number): readonly (readonly Run[])[] {
  const hunks: Run[][] = [];
  for (const edit of edits) {
    const last = hunks.at(-1)?.at(-1);
    if (last !== undefined && edit.oldStart - last.oldEnd <= 2 * CONTEXT_LINES) hunks.at(-1)?.push(edit);
    else hunks.push([edit]);
  }
  return hunks.map((runs) => {
    const [first, last] = [runs[0]!, runs.at(-1)!];
    const before = Math.min(CONTEXT_LINES, first.oldStart);
    const behind = Math.min(CONTEXT_LINES, oldLength - last.oldEnd);
    return [
      empty(first.oldStart - before, first.newStart - before),
      ...runs,
      empty(last.oldEnd + behind, last.newEnd + behind),
    ];
  });
}

function empty(oldAt: number, newAt: number): Run {
  return { oldStart: oldAt, oldEnd: oldAt, newStart: newAt, newEnd: newAt };
}

function hunkText(runs: readonly Run[], old: readonly string[], changed: readonly string[]): string {
  const [first, last] = [runs[0]!, runs.at(-1)!];
  let at = first.oldStart;
  const lines: string[] = [];
  for (const { oldStart, oldEnd, newStart, newEnd } of runs) {
    lines.push(...marked(" ", old.slice(at, oldStart)));
    lines.push(...marked("-", old.slice(oldStart, oldEnd)));
    lines.push(...marked("+", changed.slice(newStart, newEnd)));
    at = oldEnd;
  }
  const range = `@@ -${rangeText(first.oldStart, last.oldEnd)} +${rangeText(first.newStart, last.newEnd)} @@\n`;
  return range + lines.join("");
}

/** Of nothing, the line behind which it is (POSIX diff, -u). */
function rangeText(start: number, end: number): string {
  const length = end - start;
  return `${length === 0 ? start : start + 1}${length === 1 ? "" : `,${length}`}`;
}

function marked(mark: string, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${mark}${line}${line.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
}

/** As git writes it: what ends a name is in quotes, and a tab ends one with blanks (git quote.c, diff.c). */
function headerName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- a line break inside of a name would end the header
  if (/["\\\u0000-\u001f\u007f]/.test(name)) return quoted(name);
  return name.includes(" ") ? `${name}\t` : name;
}

function quoted(name: string): string {
  return `"${[...new TextEncoder().encode(name)].map(quotedByte).join("")}"`;
}

function quotedByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCodePoint(byte)}`;
  return byte < 0x20 || byte >= 0x7f ? `\\${byte.toString(8).padStart(3, "0")}` : String.fromCodePoint(byte);
}
