import { json } from "./outputs/json.ts";
import { text } from "./outputs/text.ts";
import type { AuditReport } from "./report.ts";

export interface OutputOptions {
  /** Columns to write into. */
  readonly width: number;
  /** Puts a format on words for a terminal, or leaves them. */
  readonly style: (format: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string) => string;
}

/** A form in which a report is written. */
export type Output = (report: AuditReport, options: OutputOptions) => string;

/** By the name that `--format` takes. */
export const OUTPUTS: Readonly<Record<string, Output>> = { text, json };
