import type { Command } from "commander";
import type { CleanReport } from "../doctor/clean.ts";
import type { DoctorReport, Finding } from "../doctor/report.ts";
import { onCleanup } from "./cleanup.ts";
import { quoteForTerminal } from "../model/quote.ts";
import { type Cell, renderTable } from "./render/table.ts";
import { openStatusLine } from "./render/status-line.ts";
import { type Format, styleFor, widthOf } from "./render/style.ts";

interface DoctorFlags {
  readonly host?: string;
  readonly context?: string;
  readonly clean?: true;
  readonly json?: true;
}

/** `petrify doctor [--clean] [--json]`. */
export function doctorCommand(program: Command): void {
  program
    .command("doctor")
    .option("--host <address>", "engine to look at: unix:///path, tcp://host:port, ssh://user@host, or embedded")
    .option("--context <name>", "docker context to look at")
    .option("--clean", "remove what killed petrify processes have left, instead of looking")
    .option("--json", "print the result as JSON")
    .action((flags: DoctorFlags) => (flags.clean === true ? cleanUp(flags) : look(flags)));
}

async function look(flags: DoctorFlags): Promise<void> {
  const { examine } = await import("../doctor/examine.ts");
  using status = openStatusLine();
  const examining = examine({ ...flags, onProgress: (line) => status.phase(line) });
  // It takes seconds and removes what it made: after Ctrl-C it is let come to its end.
  const forget = onCleanup(() => examining.then(() => undefined).catch(() => undefined));
  const report = await examining;
  forget();
  status[Symbol.dispose]();
  if (!canLearn(report.findings)) process.exitCode = 2;
  if (flags.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.stdout.write(renderReport(report));
}

async function cleanUp(flags: DoctorFlags): Promise<void> {
  const { clean } = await import("../doctor/clean.ts");
  const report = await clean(flags);
  if (report.failed.length > 0) process.exitCode = 1;
  if (flags.json === true) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.stdout.write(renderClean(report));
}

const COLOURS = { ok: "green", warn: "yellow", fail: "red" } as const satisfies Record<Finding["status"], Format>;

function renderReport({ findings }: DoctorReport): string {
  const rows = findings.map(({ name, status, found, action }): (Cell | string)[] => [
    name,
    { text: status, format: COLOURS[status] },
    action === undefined ? found : `${found.replace(/\.$/, "")}. ${action}`,
  ]);
  const columns = [{ title: "what" }, { title: "is" }, { title: "found" }];
  const table = renderTable(columns, rows, { width: widthOf(process.stdout), style: styleFor(process.stdout) });
  return `${table}\n${canLearn(findings) ? "Nothing here stands in the way of learn and verify." : "learn and verify cannot work here until what says fail is mended."}\n`;
}

function canLearn(findings: DoctorReport["findings"]): boolean {
  return findings.every(({ status }) => status !== "fail");
}

function renderClean({ removed, failed }: CleanReport): string {
  const lines = [
    ...removed.map((name) => `removed ${name}`),
    ...failed.map((reason) => `not cleaned: ${reason}`),
    ...(removed.length + failed.length === 0 ? ["nothing was left"] : []),
  ];
  return `${lines.map(quoteForTerminal).join("\n")}\n`;
}
