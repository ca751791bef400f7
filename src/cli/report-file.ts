import { createHash } from "node:crypto";
import { access, constants, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Command } from "commander";
import { type AssetName, assetPath } from "../assets.ts";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { Dress } from "../report/frame.ts";
import type { Report, ReportedWorkload } from "../report/report.ts";
import { VERSION } from "../version.ts";

export interface ReportFlags {
  readonly report?: string;
}

/** Adds the option that asks for a report. */
export function reportOption<C extends Command>(command: C): C {
  return command.option("--report <file>", "also write a report for reviewers: one HTML file that needs nothing else");
}

const STYLES: readonly AssetName[] = [
  "report-page.css",
  "report-kinds.css",
  "report-map.css",
  "report-content.css",
  "report-strips.css",
  "report-print.css",
];

/** Throws E_IO when no report can be written there: better before a long run than after it. */
export async function assertReportable({ report }: ReportFlags): Promise<void> {
  if (report === undefined) return;
  const folder = dirname(report);
  const isDirectory = (await stat(report).catch(() => undefined))?.isDirectory() === true;
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isDirectory || !isWritable)
    throw new PetrifyError(
      "E_IO",
      isDirectory ? `The report '${report}' is a folder.` : `No report can be written into the folder '${folder}'.`,
      { hint: "Name a file in a folder that can be written, for example --report report.html." },
    );
}

/** Writes the report that was asked for, whole or not at all, and says so on stderr. Throws E_IO, E_DISK_FULL. */
export async function writeReport(
  { report: file }: ReportFlags,
  command: Report["command"],
  workloads: readonly ReportedWorkload[],
): Promise<void> {
  if (file === undefined) return;
  const { renderReport } = await import("../report/page.ts");
  const { writeWhole } = await import("../learn/write-whole.ts");
  const page = renderReport({ command, version: VERSION, writtenAtMs: Date.now(), workloads }, await pageDress());
  await writeWhole(file, page);
  process.stderr.write(`Report: ${quoteForTerminal(file)}\n`);
}

/** Style and script of a page. */
export async function pageDress(): Promise<Dress> {
  const styles = await Promise.all(STYLES.map(asset));
  return {
    style: styles.join("\n"),
    script: await asset("report-page.js"),
    sha256: (text) => createHash("sha256").update(text).digest("base64"),
  };
}

function asset(name: AssetName): Promise<string> {
  return readFile(assetPath(name), "utf8");
}
