/** A strategy written for one target. */
export interface ExportResult {
  readonly text: string;
  /** What the target cannot say, or what its user must know; one sentence each. */
  readonly notes: readonly string[];
}
