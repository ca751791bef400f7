import { type Command, Option } from "commander";
import { type KubernetesFlags, clusterContainers, kubernetesOptions, renderedTexts } from "./audit-kubernetes.ts";
import { styleFor, widthOf } from "./render/style.ts";

interface AuditFlags extends KubernetesFlags {
  readonly format: string;
}

/** `petrify audit [FILE...]`. */
export function auditCommand(program: Command): void {
  const command = program
    .command("audit")
    .argument("[files...]", "files to audit; - reads standard input")
    .addOption(new Option("--format <format>", "form of the result").choices(["text", "json"]).default("text"));
  kubernetesOptions(command).action(async (files: readonly string[], flags: AuditFlags) => {
    await auditFiles(files, flags);
  });
}

async function auditFiles(files: readonly string[], flags: AuditFlags): Promise<void> {
  const { audit } = await import("../audit/audit.ts");
  const { RULES } = await import("../audit/rules.ts");
  const { readText } = await import("../audit/recognise.ts");
  const { readBeside, readFileText } = await import("../audit/sources/files.ts");
  const { OUTPUTS } = await import("../audit/outputs.ts");
  const cluster = await clusterContainers(flags, files);
  const { texts, problems } = await renderedTexts(files.map(readFileText), flags);
  const read = [
    ...(cluster === undefined ? [] : [cluster]),
    { containers: [], problems },
    ...texts.flatMap((text) => readText(text, readBeside) ?? []),
  ];
  const containers = read.flatMap((one) => one.containers);
  const report = {
    containers,
    findings: audit(containers, RULES),
    accepted: [],
    problems: read.flatMap((one) => one.problems),
    imported: [],
    texts: new Map(texts.map(({ name, text }) => [name, text])),
  };
  const write = OUTPUTS[flags.format];
  process.stdout.write(write?.(report, { width: widthOf(process.stdout), style: styleFor(process.stdout) }) ?? "");
  if (report.findings.length > 0) process.exitCode = 2;
}
