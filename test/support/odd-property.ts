import { spliceCompose } from "../../src/export/compose-splice.ts";
import { spliceKubernetes } from "../../src/export/kubernetes-splice.ts";
import { assemble } from "../../src/audit/assemble.ts";
import { RULES } from "../../src/audit/rules.ts";
import { readSources } from "../../src/audit/sources/read.ts";
import { PetrifyError } from "../../src/model/errors.ts";
import type { OddText } from "./odd-texts.ts";
import { APP } from "./splice.ts";

/** How an odd text was taken. */
export interface OddOutcome {
  readonly audit: "containers" | "containers and problems" | "problems" | "nothing";
  readonly splice: "changed" | "refused";
}

/** Audits and splices a text; throws an Error that says which promise was broken. */
export function takeOddText({ name, text }: OddText): OddOutcome {
  const read = readSources({ texts: [{ text: { name, text }, named: true }], problems: [] });
  const report = assemble({ ...read, imported: [], rules: RULES, known: RULES, today: "2026-11-26" });
  const lines = text.split("\n");
  for (const { code, message } of report.problems) {
    if (code === "E_INTERNAL") throw new Error(`a bug: ${message}`);
    if (!/\S{2}/.test(message)) throw new Error(`no sentence: ${message}`);
  }
  for (const { at } of [...report.findings, ...report.problems])
    if (at !== undefined && (at.line > lines.length || at.column > (lines[at.line - 1] ?? "").length + 2))
      throw new Error(`no such place: ${at.line}:${at.column} of ${lines.length} lines`);
  const [found, failed] = [report.containers.length > 0, report.problems.length > 0];
  const audit = found ? (failed ? "containers and problems" : "containers") : failed ? "problems" : "nothing";
  return { audit, splice: spliced({ name, text }) };
}

function spliced({ name, text }: OddText): OddOutcome["splice"] {
  const splice = name === "compose.yaml" ? spliceCompose : spliceKubernetes;
  let result: string;
  try {
    result = splice(text, APP).text;
  } catch (error) {
    if (error instanceof PetrifyError) return "refused";
    throw error;
  }
  const lost = lostLine(text, result);
  if (lost !== undefined) throw new Error(`a line that was to stay is not there: ${JSON.stringify(lost)}`);
  if (splice(result, APP).text !== result) throw new Error("a second run changes it again");
  return "changed";
}

/** The first line that is neither there as it was nor one into which something was inserted; order counts. */
function lostLine(before: string, after: string): string | undefined {
  const lines = after.split("\n");
  let next = 0;
  for (const line of before.split("\n")) {
    const same = lines.indexOf(line, next);
    const at = same >= 0 ? same : lines.findIndex((other, index) => index >= next && isInside(line, other));
    if (at < 0) return line;
    next = at + 1;
  }
  return undefined;
}

/** Whether a line is another one with something inserted. */
function isInside(line: string, longer: string): boolean {
  let at = 0;
  for (const character of longer) if (character === line[at]) at++;
  return at === line.length;
}
