import { type Command, Option } from "commander";
import { styleFor, widthOf } from "./render/style.ts";

interface AuditFlags {
  readonly format: string;
}

/** `petrify audit [FILE...]`. */
export function auditCommand(program: Command): void {
  program
    .command("audit")
    .argument("[files...]", "files to audit; - reads standard input")
    .addOption(new Option("--format <format>", "form of the result").choices(["text", "json"]).default("text"))
    .action(async (files: readonly string[], flags: AuditFlags) => {
      await auditFiles(files, flags);
    });
}

async function auditFiles(files: readonly string[], flags: AuditFlags): Promise<void> {
  const { audit } = await import("../audit/audit.ts");
  const { distinct } = await import("../audit/distinct.ts");
  const { RULES } = await import("../audit/rules.ts");
  const { readText } = await import("../audit/recognise.ts");
  const { readBeside, readFileText } = await import("../audit/sources/files.ts");
  const { OUTPUTS } = await import("../audit/outputs.ts");
  const texts = files.map(readFileText);
  const { containers, problems } = distinct(texts.flatMap((text) => readText(text, readBeside) ?? []));
  const report = {
    containers,
    findings: audit(containers, RULES),
    accepted: [],
    problems,
    imported: [],
    texts: new Map(texts.map(({ name, text }) => [name, text])),
  };
  const write = OUTPUTS[flags.format];
  process.stdout.write(write?.(report, { width: widthOf(process.stdout), style: styleFor(process.stdout) }) ?? "");
  if (report.findings.length > 0) process.exitCode = 2;
}
