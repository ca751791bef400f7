import type { Learned } from "../learn/learned.ts";
import type { Session } from "../learn/session.ts";
import type { Written } from "../learn/write-learned.ts";
import type { DockerStyleCommand } from "./docker-style-command.ts";
import type { ReportFlags } from "./report-file.ts";
import type { TestFlags } from "./test-options.ts";

export interface LearnFlags extends TestFlags, ReportFlags {
  readonly host?: string;
  readonly context?: string;
  readonly out: string;
  readonly record?: string;
  readonly runs?: string;
  readonly untilStable?: string | true;
  /** False with --no-env. */
  readonly env: boolean;
  readonly logsToStdout?: true;
  readonly json?: true;
  readonly from?: true;
  readonly container?: true;
  readonly all?: true;
  readonly during?: true;
  readonly compose?: true;
}

export interface Result {
  readonly learned: Learned;
  readonly written: Written;
}

export interface LearnRequest {
  readonly command: DockerStyleCommand;
  readonly operands: readonly string[];
  readonly flags: LearnFlags;
}

/** Writes the strategy and the profile of each, of those after one that cannot be written, too; then throws what kept that one back. */
export async function saveAll(
  learned: readonly Learned[],
  folder: string,
  session: Session,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  for (const one of learned)
    await save(one, folder, session).then(
      (result) => results.push(result),
      (error: unknown) => failures.push(error),
    );
  if (failures.length > 0) throw failures[0];
  return results;
}

export async function save(learned: Learned, folder: string, session?: Session): Promise<Result> {
  const { writeLearned } = await import("../learn/write-learned.ts");
  const write = (): Promise<Written> => writeLearned(learned, folder);
  // A signal in the middle must not part the strategy from its profile.
  return { learned, written: await (session === undefined ? write() : session.uninterrupted(write)) };
}
