import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { Target } from "../export/targets.ts";

interface ExportFlags {
  readonly to: Target;
  readonly into?: string;
  readonly service?: string;
  readonly out?: string;
  readonly json?: true;
}

/** `petrify export STRATEGY --to docker|compose`. */
export function exportCommand(program: Command): void {
  program
    .command("export")
    .argument("<strategy>", "NAME.strategy.yaml")
    .addOption(new Option("--to <target>", "what to write").choices(["docker", "compose"]).makeOptionMandatory())
    .option("--into <file>", "existing Compose file to change in place; every other byte stays")
    .option("--service <name>", "service of that file; default: the one whose image fits")
    .option("--out <file>", "write there instead of to standard output")
    .option("--json", "print {text, notes} as JSON")
    .action(async (file: string, flags: ExportFlags) => {
      await exportStrategy(file, flags);
    });
}

async function exportStrategy(file: string, flags: ExportFlags): Promise<void> {
  const { loadStrategy } = await import("../verify/files.ts");
  const { writeWhole } = await import("../learn/write-whole.ts");
  const { exportTo } = await import("../export/targets.ts");
  const strategy = await loadStrategy(file);
  const existing = flags.into === undefined ? undefined : await readText(flags.into);
  const { text, notes } = exportTo(flags.to, strategy, {
    ...(existing === undefined ? {} : { existing }),
    ...(flags.service === undefined ? {} : { service: flags.service }),
  });
  const target = flags.out ?? flags.into;
  if (target !== undefined && text !== existing) await writeWhole(target, text);
  if (flags.json) process.stdout.write(`${JSON.stringify({ text, notes })}\n`);
  else {
    if (target === undefined) process.stdout.write(text);
    for (const note of notes) process.stderr.write(`note: ${quoteForTerminal(note)}\n`);
  }
}

/** The exact text: a byte that is not UTF-8 would not survive the way through a string. Throws E_COMPOSE_INVALID, E_IO. */
async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PetrifyError("E_COMPOSE_INVALID", `${file} is not UTF-8 text.`, {
      hint: "Convert it to UTF-8 first.",
      cause,
    });
  }
}
