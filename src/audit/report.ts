import type { AuditProblem, Finding, Location, Severity } from "../model/finding.ts";
import type { AuditedContainer } from "./container.ts";

/** What one audit says, for every output. */
export interface AuditReport {
  readonly containers: readonly AuditedContainer[];
  /** What there is to do, in the order of containers and rules. */
  readonly findings: readonly Finding[];
  /** Found too, and lived with. */
  readonly accepted: readonly AcceptedFinding[];
  readonly problems: readonly AuditProblem[];
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

/** A result of another scanner's SARIF file. */
export interface ImportedFinding {
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file?: string;
  readonly at?: Location;
}
