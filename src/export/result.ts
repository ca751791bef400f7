/** A strategy written for one target. */
export interface ExportResult {
  readonly text: string;
  /** What the target cannot say, or what its user must know; one sentence each. */
  readonly notes: readonly string[];
  /** Set where the target takes several files; `text` then shows them all, one below the other. */
  readonly files?: readonly ExportedFile[];
}

export interface ExportedFile {
  /** File name without directory. */
  readonly name: string;
  readonly text: string;
}

/** A result of several files, shown each below its name. */
export function severalFiles(files: readonly ExportedFile[], notes: readonly string[]): ExportResult {
  return { text: files.map(({ name, text }) => `# --- ${name} ---\n${text}`).join("\n"), notes, files };
}
