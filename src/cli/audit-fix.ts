import type { ChangedFile, FixPlan } from "../audit/fix.ts";
import type { AuditReport } from "../audit/report.ts";
import { PetrifyError } from "../model/errors.ts";
import { quoteForTerminal } from "../model/quote.ts";
import type { AuditFlags } from "./audit-flags.ts";
import type { Read } from "./audit.ts";

export interface FixOutcome {
  /** Set when stdout is used up, by a patch or a fixed text; else the report of the rest follows. */
  readonly exitCode?: 0 | 1 | 2;
  /** False: a file could not be written. */
  readonly isComplete: boolean;
}

/**
 * Writes what mends the findings into the files, or shows it with `--diff`; what was done and what was not goes to stderr. Throws
 * what opening an engine throws, with `--learn`.
 */
export async function fixFound(
  read: Read,
  flags: AuditFlags,
  isStdin: boolean,
  judge: (read: Read) => Promise<AuditReport>,
): Promise<FixOutcome> {
  const { planFixes } = await import("../audit/fix.ts");
  const { besideIn, nameOf, readFileText } = await import("../audit/sources/files.ts");
  const { isInside } = await import("../audit/sources/inside.ts");
  const here = [process.cwd()];
  let report = await judge(read);
  if (flags.learn === true) {
    const { learnMissing } = await import("./audit-learn.ts");
    if (await learnMissing(report, flags)) report = await judge(read);
  }
  const plan = planFixes({
    ...report,
    texts: new Map([...report.texts].filter(([name]) => !read.beside.has(name))),
    rendered: read.rendered,
    template: flags.template === true,
    beside: besideIn(read.roots),
    along: (path) => {
      const name = nameOf(path);
      // Whoever wrote a file here does not decide about files elsewhere; of standard input only that text is asked for.
      return isStdin || name.startsWith("/") || !isInside(name, here)
        ? undefined
        : readFileText(name, { named: false }).text;
    },
  });
  const isPatch = flags.diff === true;
  const failed = isPatch || isStdin ? [] : await writeAll(plan.files);
  tell(plan, isPatch ? "would be fixed" : "fixed", new Set(failed));
  if (!isPatch && !isStdin) return { isComplete: failed.length === 0 };
  await print(
    isPatch
      ? await patchOf(plan.files)
      : (plan.files.find(({ name }) => name === "-")?.after ?? report.texts.get("-") ?? ""),
    isPatch,
  );
  if (report.problems.length > 0) {
    for (const { source, code, message } of report.problems) say(`${source}: ${message}  [${code}]`);
    return { exitCode: 1, isComplete: true };
  }
  return { exitCode: (isPatch ? plan.files : plan.unfixed).length > 0 ? 2 : 0, isComplete: true };
}

/** Writes each file whole, the others too when one cannot be; resolves with the names of those. */
async function writeAll(files: readonly ChangedFile[]): Promise<readonly string[]> {
  const { writeWhole } = await import("../learn/write-whole.ts");
  const { readFileText } = await import("../audit/sources/files.ts");
  const failed: string[] = [];
  for (const { name, before, after } of files) {
    try {
      if (readFileText(name).text?.text !== before)
        throw new PetrifyError("E_IO", "It was changed by somebody else meanwhile.");
      await writeWhole(name, after);
    } catch (error) {
      if (!(error instanceof PetrifyError)) throw error;
      failed.push(name);
      say(`${name}: ${error.message}  [${error.code}]`);
    }
  }
  return failed;
}

async function patchOf(files: readonly ChangedFile[]): Promise<string> {
  const { unifiedDiff } = await import("../audit/unified-diff.ts");
  return files.map(({ name, before, after }) => unifiedDiff(name === "-" ? "stdin" : name, before, after)).join("");
}

/** A patch has the files' own bytes; what would act on a terminal is shown as an escape there. */
async function print(text: string, isForReaders: boolean): Promise<void> {
  const shown =
    isForReaders && process.stdout.isTTY
      ? text
          .split("\n")
          .map((line) => line.split("\t").map(quoteForTerminal).join("\t"))
          .join("\n")
      : text;
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(shown, (error) => (error ? reject(error) : resolve()));
  });
}

function tell({ fixed, unfixed }: FixPlan, what: string, failed: ReadonlySet<string>): void {
  for (const { container, by, notes } of fixed) {
    if (failed.has(container.source.name)) continue;
    say(`${what}: ${placeOf(container)}, by ${by ?? "the template"}`);
    for (const note of notes) say(`  note: ${note}`);
  }
  for (const { container, reason, hint } of unfixed) {
    say(`not fixed: ${placeOf(container)}: ${reason}`);
    say(`  hint: ${hint}`);
  }
  if (fixed.length === 0 && unfixed.length === 0) say("Nothing to fix.");
}

function placeOf({ source, at, workload, container }: AuditReport["containers"][number]): string {
  const place = at === undefined ? source.name : `${source.name}:${at.line}:${at.column}`;
  return `${place} ${workload}${container === undefined ? "" : `/${container}`}`;
}

function say(line: string): void {
  process.stderr.write(`${quoteForTerminal(line)}\n`);
}
