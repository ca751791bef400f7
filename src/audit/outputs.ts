import type { Dress } from "../report/frame.ts";
import { github } from "./outputs/github.ts";
import { html } from "./outputs/html.ts";
import { json } from "./outputs/json.ts";
import { junit } from "./outputs/junit.ts";
import { markdown } from "./outputs/markdown.ts";
import { sarif } from "./outputs/sarif.ts";
import { text } from "./outputs/text.ts";
import type { AuditReport } from "./report.ts";

export interface OutputOptions {
  /** Columns to write into. */
  readonly width: number;
  /** Puts a format on words for a terminal, or leaves them. */
  readonly style: (format: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string) => string;
  /** Petrify's own. */
  readonly version: string;
  /** What a page is dressed with. */
  readonly dress: Dress;
}

/** A form in which a report is written. Whatever names it holds, they stay text there. */
export type Output = (report: AuditReport, options: OutputOptions) => string;

/** By the name that `--format` takes. */
export const OUTPUTS = { text, json, sarif, junit, github, markdown, html } as const satisfies Readonly<
  Record<string, Output>
>;
export type OutputName = keyof typeof OUTPUTS;

/** By the end of a file's name. */
export const OUTPUT_OF_EXTENSION: Readonly<Record<string, OutputName>> = {
  ".html": "html",
  ".sarif": "sarif",
  ".xml": "junit",
  ".md": "markdown",
  ".json": "json",
  ".txt": "text",
};
