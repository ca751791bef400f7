import type { AuditNote, AuditProblem, Finding, Location, Severity } from "../model/finding.ts";
import type { AuditedContainer } from "./container.ts";
import type { Rule } from "./rule.ts";

/** What one audit says, for every output. */
export interface AuditReport {
  /** Those that judged, in their order. */
  readonly rules: readonly Rule[];
  readonly containers: readonly AuditedContainer[];
  /** What there is to do, in the order of containers and rules. */
  readonly findings: readonly Finding[];
  /** Found too, and lived with. */
  readonly accepted: readonly AcceptedFinding[];
  readonly problems: readonly AuditProblem[];
  readonly notes: readonly AuditNote[];
  /** What other scanners found, beside ours. */
  readonly imported: readonly ImportedFinding[];
  /** The audited texts by their source's name, for showing lines; absent for engines. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface AcceptedFinding {
  readonly finding: Finding;
  readonly by: "comment" | "baseline";
  readonly reason: string;
  readonly until?: string;
}

/** A result of another scanner's SARIF file, in its own words. */
export interface ImportedFinding {
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** As audited files are named, when it is one of them; else as the scanner names it. */
  readonly file?: string;
  readonly at?: Location;
  /** Image that was scanned, as audited containers name it when one has it. */
  readonly image?: string;
  /** Audited workloads that it is about: those of its image, or the one in whose block it lies. */
  readonly workloads: readonly string[];
}
