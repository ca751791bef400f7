import { PetrifyError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { Strategy } from "../model/strategy.ts";
import { audit } from "./audit.ts";
import type { AuditedContainer } from "./container.ts";
import { FIXED_RULES, keyOf, whatIsWrong } from "./fix/check.ts";
import { Readings } from "./fix/readings.ts";
import { TEMPLATE_RISK, templateStrategy } from "./fix/template.ts";
import { learnFirst, type Refusal, whyNotStrategy, whyNotText } from "./fix/why-not.ts";
import { writeStrategy } from "./fix/write.ts";
import type { AuditText, ReadBeside } from "./inputs.ts";

export interface FixMaterial {
  /** With their strategies. */
  readonly containers: readonly AuditedContainer[];
  /** What there is to do; what somebody decided to live with is not mended. */
  readonly findings: readonly Finding[];
  /** The texts that were audited, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names of texts that are no files: a tool rendered them. */
  readonly rendered: ReadonlySet<string>;
  readonly beside: ReadBeside;
  /** A file that was read along with another one, and may be changed, under the name that `beside` gives it. */
  readonly along: (name: string) => AuditText | undefined;
  /** Where no strategy fits, CRI-O's template is taken. */
  readonly template: boolean;
}

export interface FixPlan {
  readonly files: readonly ChangedFile[];
  readonly fixed: readonly Fixed[];
  readonly unfixed: readonly Unfixed[];
}

export interface ChangedFile {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface Fixed {
  readonly container: AuditedContainer;
  /** The strategy's file; absent: the template. */
  readonly by?: string;
  readonly notes: readonly string[];
}

export interface Unfixed extends Refusal {
  readonly container: AuditedContainer;
}

interface Job {
  readonly container: AuditedContainer;
  readonly strategy: Strategy;
  readonly by?: string;
}

interface Written {
  readonly text: string;
  readonly fixed: readonly Fixed[];
  readonly unfixed: readonly Unfixed[];
}

/**
 * Every change that makes the audited containers read-only under their strategies, with the texts read again and judged; what
 * cannot be changed safely is among the result with the reason. Changes nothing.
 */
export function planFixes(material: FixMaterial): FixPlan {
  const { containers, findings, template } = material;
  const found = new Set(findings.map(({ fingerprint, at }) => JSON.stringify([fingerprint, at])));
  const toFix = containers.filter((container) =>
    audit([container], FIXED_RULES).some(({ fingerprint, at }) => found.has(JSON.stringify([fingerprint, at]))),
  );
  const readings = new Readings(material);
  const jobs: Job[] = [];
  const unfixed: Unfixed[] = [];
  for (const container of toFix) {
    const job = jobOf(container, template);
    const refusal = refusalOf(container, job, material, readings);
    if (refusal !== undefined) unfixed.push({ container, ...refusal });
    else if (job !== undefined) jobs.push(job);
  }
  const files: ChangedFile[] = [];
  const fixed: Fixed[] = [];
  for (const [name, inFile] of Map.groupBy(jobs, ({ container }) => container.source.name)) {
    const before = readings.textOf(name);
    if (before === undefined) continue;
    const written = writeFile(before, inFile, readings);
    if (written.text !== before.text) {
      readings.change(before.name, written.text);
      files.push({ name: before.name, before: before.text, after: written.text });
    }
    fixed.push(...written.fixed);
    unfixed.push(...written.unfixed);
  }
  return { files, fixed, unfixed };
}

function jobOf(container: AuditedContainer, template: boolean): Job | undefined {
  const { strategy, settings, workload } = container;
  if (strategy.standing !== "none") return { container, strategy: strategy.strategy, by: strategy.file };
  return template ? { container, strategy: templateStrategy(workload, settings.image?.value ?? "") } : undefined;
}

function refusalOf(
  container: AuditedContainer,
  job: Job | undefined,
  { rendered }: FixMaterial,
  readings: Readings,
): Refusal | undefined {
  if (job === undefined) return learnFirst(container);
  const { name } = container.source;
  const text = { isRendered: rendered.has(name), isText: readings.textOf(name) !== undefined };
  return whyNotText(container, text, job.by) ?? whyNotStrategy(container, job.strategy);
}

/** All at once; when that cannot be, one by one, so that one is not in the way of the others. */
function writeFile(before: AuditText, jobs: readonly Job[], readings: Readings): Written {
  const all = jobs.reduce<Written>(withJob, { text: before.text, fixed: [], unfixed: [] });
  if (all.fixed.length === 0 || wrongWith(all, before, readings) === undefined) return all;
  return jobs.reduce<Written>(
    (written, job) => {
      const next = withJob(written, job);
      const wrong = next.fixed.length > written.fixed.length ? wrongWith(next, before, readings) : undefined;
      if (wrong === undefined) return next;
      const hint = "Change that first, or write the places by hand: petrify export shows them.";
      const { container } = job;
      return { ...written, unfixed: [...written.unfixed, { container, reason: `Not changed: ${wrong}`, hint }] };
    },
    { text: before.text, fixed: [], unfixed: [] },
  );
}

function withJob(written: Written, { container, strategy, by }: Job): Written {
  try {
    const { text, notes } = writeStrategy(written.text, container, strategy);
    const one = by === undefined ? { container, notes: [TEMPLATE_RISK] } : { container, by, notes };
    return { ...written, text, fixed: [...written.fixed, one] };
  } catch (error) {
    if (!(error instanceof PetrifyError)) throw error;
    const { message: reason, hint = "Write the places by hand: petrify export shows them." } = error;
    return { ...written, unfixed: [...written.unfixed, { container, reason, hint }] };
  }
}

function wrongWith({ text, fixed }: Written, { name }: AuditText, readings: Readings): string | undefined {
  const byKey = new Map(fixed.map(({ container }) => [keyOf(container), container]));
  for (const { before, after } of readings.again(name, text)) {
    const wrong = whatIsWrong(before, after, byKey);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
