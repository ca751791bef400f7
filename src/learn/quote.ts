import type { Session } from "./session.ts";

const QUOTED_LINES = 15;

/** Shows the last lines of what a test or a container printed, as progress. */
export function quote(session: Pick<Session, "progress">, speaker: string, text: string): void {
  const lines = text.trim() === "" ? ["(nothing)"] : text.trimEnd().split("\n").slice(-QUOTED_LINES);
  session.progress.note(`${speaker} printed:`);
  for (const line of lines) session.progress.note(`  ${line}`);
}
