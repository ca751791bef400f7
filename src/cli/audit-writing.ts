import { extname } from "node:path";
import { OUTPUT_OF_EXTENSION, type OutputName, type OutputOptions, OUTPUTS } from "../audit/outputs.ts";
import type { AuditReport } from "../audit/report.ts";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { Dress } from "../report/frame.ts";
import { VERSION } from "../version.ts";
import type { AuditFlags } from "./audit-flags.ts";
import { PLAIN, styleFor, widthOf } from "./render/style.ts";
import { assertReportable, pageDress } from "./report-file.ts";

/** A file that was asked for, and its form. */
export interface ReportFile {
  readonly file: string;
  readonly form: OutputName;
}

/** What the files' names ask for. Throws E_USAGE for an unknown form, E_IO where nothing can be written. */
export async function openReports(files: readonly string[]): Promise<readonly ReportFile[]> {
  const reports = files.map((file) => {
    const form = OUTPUT_OF_EXTENSION[extname(file).toLowerCase()];
    if (form === undefined)
      throw new PetrifyError("E_USAGE", `The name '${file}' does not say in which form to write.`, {
        hint: `Let it end in one of ${Object.keys(OUTPUT_OF_EXTENSION).join(" ")}.`,
      });
    return { file, form };
  });
  for (const { file } of reports) await assertReportable({ report: file });
  return reports;
}

const NO_DRESS: Dress = { style: "", script: "", sha256: () => "" };

/** Writes the result to stdout, the files that were asked for, and in GitHub Actions annotations and a job summary. */
export async function writeAudit(report: AuditReport, flags: AuditFlags, files: readonly ReportFile[]): Promise<void> {
  const format = flags.json === true ? "json" : flags.format;
  const needsDress = format === "html" || files.some(({ form }) => form === "html");
  const plain: OutputOptions = {
    width: 120,
    style: PLAIN,
    version: VERSION,
    dress: needsDress ? await pageDress() : NO_DRESS,
  };
  for (const { file, form } of files) {
    const { writeWhole } = await import("../learn/write-whole.ts");
    await writeWhole(file, OUTPUTS[form](report, plain));
    process.stderr.write(`Report: ${quoteForTerminal(file)}\n`);
  }
  if (flags.github ?? process.env["GITHUB_ACTIONS"] === "true") {
    const { appendSummary } = await import("../check/github-files.ts");
    if (format !== "github") process.stderr.write(OUTPUTS.github(report));
    await appendSummary(process.env["GITHUB_STEP_SUMMARY"], OUTPUTS.markdown(report));
  }
  const { stdout } = process;
  stdout.write(OUTPUTS[format](report, { ...plain, width: widthOf(stdout), style: styleFor(stdout) }));
}
