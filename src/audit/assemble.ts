import { type AuditNote, type AuditProblem, type Finding, SEVERITIES, type Severity } from "../model/finding.ts";
import { audit } from "./audit.ts";
import type { AuditedContainer } from "./container.ts";
import type { AfterBaseline } from "./baseline.ts";
import type { AcceptedFinding, AuditReport, ImportedFinding } from "./report.ts";
import type { Rule } from "./rule.ts";
import { suppress } from "./suppress.ts";

export interface Material {
  readonly containers: readonly AuditedContainer[];
  readonly problems: readonly AuditProblem[];
  readonly texts: ReadonlyMap<string, string>;
  readonly imported: readonly ImportedFinding[];
  readonly notes?: readonly AuditNote[];
  /** Those that judge. */
  readonly rules: readonly Rule[];
  /** Every rule there is: exceptions may name the others, too. */
  readonly known: readonly Rule[];
  /** `2026-11-26`. */
  readonly today: string;
  /** Takes out what a baseline holds. */
  readonly baseline?: (findings: readonly Finding[], alsoFound: readonly Finding[]) => AfterBaseline;
}

/** Judges what was read, and takes out what somebody decided to live with: first by comments, then by the baseline. */
export function assemble({
  containers,
  problems,
  texts,
  imported,
  notes = [],
  rules,
  known,
  today,
  baseline,
}: Material): AuditReport {
  const judged = new Set(rules.map(({ id }) => id));
  const all = audit(containers, rules);
  const ids = new Set(known.map(({ id }) => id));
  const commented = suppress({ texts, containers, findings: all, known: ids, judged, today });
  const after = baseline?.(
    commented.findings,
    commented.accepted.map(({ finding }) => finding),
  ) ?? { findings: commented.findings, accepted: [] as readonly AcceptedFinding[], notes: [] as readonly AuditNote[] };
  return {
    rules,
    containers,
    findings: after.findings,
    accepted: [...commented.accepted, ...after.accepted],
    problems: [...problems, ...commented.problems],
    notes: [...notes, ...commented.notes, ...after.notes],
    imported,
    texts,
  };
}

/** From which severity on findings fail. */
export type FailOn = Severity | "never";

/**
 * 1 when not everything could be audited, whatever was found: a result that misses a file must not pass for one. 2 when
 * something was found that is at least as severe as asked for, imported findings not counted; else 0.
 */
export function exitCodeOf({ findings, problems }: AuditReport, failOn: FailOn): 0 | 1 | 2 {
  if (problems.length > 0) return 1;
  if (failOn === "never") return 0;
  const least = SEVERITIES.indexOf(failOn);
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= least) ? 2 : 0;
}
