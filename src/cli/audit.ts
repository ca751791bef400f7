import type { Command } from "commander";
import type { AuditReport } from "../audit/report.ts";
import type { Rule } from "../audit/rule.ts";
import { PetrifyError } from "../model/errors.ts";
import { auditEngineOptions, auditEngines, namesEngine } from "./audit-engines.ts";
import { type AuditFlags, auditOptions } from "./audit-flags.ts";
import { clusterContainers, kubernetesOptions, renderedTexts } from "./audit-kubernetes.ts";
import { auditRules } from "./audit-rules.ts";
import { isFixing, refuseFixing } from "./audit-fix-flags.ts";
import { openReports, writeAudit } from "./audit-writing.ts";

/** `petrify audit [PATH...]`. */
export function auditCommand(program: Command): void {
  const command = program
    .command("audit")
    .argument("[paths...]", "files, folders, patterns; - reads standard input; none: the containers of the engine");
  kubernetesOptions(auditEngineOptions(auditOptions(command))).action(
    async (paths: readonly string[], flags: AuditFlags) => {
      await audit(paths, flags);
    },
  );
}

async function audit(paths: readonly string[], flags: AuditFlags): Promise<void> {
  const { RULES } = await import("../audit/rules.ts");
  const { exitCodeOf } = await import("../audit/assemble.ts");
  const rules = auditRules(flags, RULES);
  const judge = async (read: Read, one: AuditFlags): Promise<AuditReport> => reportOn(read, one, rules, RULES);
  const reports = await openReports(flags.report ?? []);
  let isComplete = true;
  if (isFixing(flags)) {
    refuseFixing(paths, flags);
    const { fixFound } = await import("./audit-fix.ts");
    const { writeBaseline: _, ...first } = flags;
    const read = await sources(paths, flags);
    const outcome = await fixFound(read, flags, paths.includes("-"), (again) => judge(again, first));
    if (outcome.exitCode !== undefined) {
      process.exitCode = outcome.exitCode;
      return;
    }
    ({ isComplete } = outcome);
  }
  const report = await judge(await sources(paths, flags), flags);
  await writeAudit(report, flags, reports);
  process.exitCode = isComplete ? exitCodeOf(report, flags.failOn) : 1;
}

async function reportOn(
  read: Read,
  flags: AuditFlags,
  rules: readonly Rule[],
  known: readonly Rule[],
): Promise<AuditReport> {
  const { assemble } = await import("../audit/assemble.ts");
  const { fitStrategies } = await import("../audit/sources/strategies.ts");
  const fitted = fitStrategies(read.containers, flags.strategies);
  const { containers } = fitted;
  const problems = [...read.problems, ...fitted.problems];
  const notes = [...read.notes, ...fitted.notes];
  const today = new Date().toISOString().slice(0, 10);
  const imported = await importedFrom(flags.import ?? [], { ...read, containers });
  const material = { ...read, containers, problems, notes, imported, rules, known, today };
  if (flags.writeBaseline !== undefined) await writeBaseline(flags.writeBaseline, assemble(material));
  const file = flags.writeBaseline ?? flags.baseline;
  if (file === undefined) return assemble(material);
  const { applyBaseline, parseBaseline } = await import("../audit/baseline.ts");
  const baseline = parseBaseline(await readJson(file), file);
  const audited = {
    rules: new Set(rules.map(({ id }) => id)),
    sources: new Set([...read.texts.keys(), ...containers.map(({ source }) => source.name)]),
  };
  return assemble({
    ...material,
    baseline: (findings, alsoFound) => applyBaseline(findings, { baseline, file }, audited, alsoFound),
  });
}

export type Read = Pick<AuditReport, "containers" | "problems" | "texts" | "notes"> & {
  /** Names of texts that only another one named. */
  readonly beside: ReadonlySet<string>;
  /** In which folders what a text names is read. */
  readonly roots: readonly string[];
  /** Names of texts that are no files: a tool rendered them. */
  readonly rendered: ReadonlySet<string>;
};

async function sources(paths: readonly string[], flags: AuditFlags): Promise<Read> {
  if (namesEngine(flags) && (flags.cluster === true || flags.kubeContext !== undefined))
    throw new PetrifyError("E_USAGE", "A cluster is audited by itself, without an engine.", {
      hint: "Run petrify audit twice.",
    });
  const cluster = await clusterContainers(flags, paths);
  if (cluster !== undefined) return { ...NOTHING, ...cluster };
  const namesFiles = paths.length > 0 || flags.changed !== undefined;
  const files = namesFiles ? await fileSources(paths, flags) : NOTHING;
  const engines = !namesFiles || namesEngine(flags) ? await auditEngines(flags) : NOTHING;
  return {
    ...files,
    containers: [...files.containers, ...engines.containers],
    problems: [...files.problems, ...engines.problems],
    notes: [...files.notes, ...engines.notes],
  };
}

const NOTHING: Read = {
  containers: [],
  problems: [],
  notes: [],
  texts: new Map(),
  beside: new Set(),
  roots: [],
  rendered: new Set(),
};

async function fileSources(paths: readonly string[], flags: AuditFlags): Promise<Read> {
  const { changed, skipUnknown } = flags;
  const { rootsOf } = await import("../audit/sources/inside.ts");
  const { gather } = await import("../audit/sources/gather.ts");
  const { readSources } = await import("../audit/sources/read.ts");
  const ref = changed === undefined ? undefined : changed === true ? {} : { ref: changed };
  const gathered = gather(paths, ref);
  const roots = rootsOf(paths);
  const clean = gathered.texts.filter(({ broken }) => broken === undefined);
  const rendered = await renderedTexts(
    clean.map(({ text }) => text),
    flags,
  );
  const known = new Map(clean.map((one) => [one.text.name, one]));
  const read = readSources(
    {
      texts: [
        ...gathered.texts.filter(({ broken }) => broken !== undefined),
        ...rendered.texts.map((text) => known.get(text.name) ?? { text, named: false }),
      ],
      problems: [...gathered.problems, ...rendered.problems],
    },
    { skipUnknown: skipUnknown === true, roots },
  );
  const isRendered = (name: string): boolean => !known.has(name) && !read.beside.has(name);
  return { ...read, roots, rendered: new Set([...read.texts.keys()].filter(isRendered)) };
}

async function importedFrom(
  files: readonly string[],
  { containers, texts }: Pick<Read, "containers" | "texts">,
): Promise<AuditReport["imported"]> {
  if (files.length === 0) return [];
  const { importSarif } = await import("../audit/sarif-import.ts");
  const { matchImported } = await import("../audit/match-imported.ts");
  const found = [];
  for (const file of files) found.push(...importSarif(await readJson(file), file));
  return matchImported(found, containers, texts);
}

async function writeBaseline(file: string, { findings }: AuditReport): Promise<void> {
  const { baselineText } = await import("../audit/baseline.ts");
  const { writeWhole } = await import("../learn/write-whole.ts");
  await writeWhole(file, baselineText(findings));
}

/** Throws E_IO, E_AUDIT_TEXT. */
async function readJson(file: string): Promise<string> {
  const { readFileText } = await import("../audit/sources/files.ts");
  const { text, broken } = readFileText(file);
  if (text !== undefined && broken === undefined) return text.text;
  const code = broken?.code === "E_AUDIT_TEXT" ? "E_AUDIT_TEXT" : "E_IO";
  throw new PetrifyError(code, `${file}: ${broken?.message ?? "It cannot be read."}`, {
    hint: "Check the path and its permissions.",
  });
}
