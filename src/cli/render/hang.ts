import { quoteForTerminal } from "../../model/quote.ts";
import { wrap } from "../../model/text-width.ts";

/** Wrapped text behind a lead; the lines after the first stand under the text. */
export function hang(lead: string, text: string, width: number, indent = "  "): string {
  const lines = wrap(quoteForTerminal(text), Math.max(width - indent.length, 20));
  return lines.map((line, index) => `${index === 0 ? lead : indent}${line}\n`).join("");
}
