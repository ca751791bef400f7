import { PLAIN, type Format, type Style } from "./style.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { textWidth, wrap } from "../../model/text-width.ts";

export interface Cell {
  readonly text: string;
  readonly format?: Format;
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

export interface TableOptions {
  readonly width: number;
  readonly style?: Style;
}

const GAP = "  ";
/** Narrower than this, a column of sentences or paths cannot be read. */
const LEAST_WIDTH = 12;

/**
 * A table whose columns line up and whose lines fit the width: the last column gets what the others leave; if that is too
 * little the widest ones shrink, and cells wrap. Cells are made safe for a terminal. Ends with a newline; empty without rows.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  { width, style = PLAIN }: TableOptions,
): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) =>
    row.map((cell) => {
      const { text, format } = typeof cell === "string" ? { text: cell } : cell;
      return { text: quoteForTerminal(text), format };
    }),
  );
  const titles = columns.map(({ title }) => ({ text: title.toUpperCase(), format: "bold" as const }));
  const lines = [titles, ...cells];
  const natural = columns.map((_, index) => Math.max(...lines.map((row) => textWidth(row[index]?.text ?? ""))));
  const widths = fit(natural, width - GAP.length * (columns.length - 1));
  return lines.flatMap((row) => renderRow(columns, row, widths, style)).join("");
}

function renderRow(
  columns: readonly Column[],
  row: readonly { readonly text: string; readonly format?: Format | undefined }[],
  widths: readonly number[],
  style: Style,
): string[] {
  const wrapped = widths.map((width, index) => wrap(row[index]?.text ?? "", width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, lineIndex) => {
    const parts = widths.map((width, index) => {
      const text = wrapped[index]?.[lineIndex] ?? "";
      const format = row[index]?.format;
      const shown = format === undefined || text === "" ? text : style(format, text);
      const padding = " ".repeat(Math.max(width - textWidth(text), 0));
      return columns[index]?.align === "right" ? padding + shown : shown + padding;
    });
    return parts.join(GAP).trimEnd() + "\n";
  });
}

/** Column widths that add up to at most `available`, taken from the widest first; the last column goes no lower than the others. */
function fit(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  const last = widths.length - 1;
  const excess = () => widths.reduce((sum, width) => sum + width, 0) - available;
  const shrink = (index: number, least: number): void => {
    const width = widths[index] ?? 0;
    widths[index] = Math.max(Math.min(width, least), width - Math.max(excess(), 0));
  };
  // Sentences stand in the last column and wrap well: it gives way first, down to a third of the line.
  shrink(last, Math.max(LEAST_WIDTH, Math.floor(available / 3)));
  while (excess() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= LEAST_WIDTH) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths.map((width) => Math.max(width, 1));
}
