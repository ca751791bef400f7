import { styleText } from "node:util";

export type Format = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Puts a format on text, or leaves it when the destination takes no colour. */
export type Style = (format: Format, text: string) => string;

export const PLAIN: Style = (_format, text) => text;

/** Colour for a stream: only on a terminal, and as NO_COLOR, NODE_DISABLE_COLORS and FORCE_COLOR say. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  return (format, text) => styleText(format, text, { stream });
}

/** Columns to write into: the terminal's; for a pipe or file more, because nobody there has a margin. */
export function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true ? Math.max(stream.columns ?? 80, 20) : 120;
}
