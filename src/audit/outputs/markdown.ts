import { counted } from "../../model/units.ts";
import { code, escaped, row } from "../../report/markdown.ts";
import { fileOf } from "../file-of.ts";
import { placeName, severityCounts, type RuleGroup, whatToDoFirst } from "../first.ts";
import type { AuditReport } from "../report.ts";

/** GitHub takes a comment of 65,536 characters (GitLab more); the rest is for what a bot puts around it. */
export const MOST_CHARACTERS = 65_000;
/** A cell longer than this hides the others. */
const MOST_OF_A_CELL = 400;
const MOST_ROWS = 50;

/** For a comment on a pull request or the summary of a job; never longer than GitHub takes, what to do first at the top. */
export function markdown(report: AuditReport): string {
  const { findings, accepted, problems, notes, imported, containers } = report;
  const blocks = [
    ...table(
      "Problems: not everything was audited",
      ["where", "what"],
      problems.map(({ source, at, message, code: id }) => [place(source, at?.line), `${cell(message)} (${code(id)})`]),
    ),
    ...whatToDoFirst(report).flatMap(({ topic, groups }) => [
      { text: `#### ${escaped(topic.charAt(0).toUpperCase() + topic.slice(1))}\n\n`, rows: 0 },
      ...groups.flatMap(ruleTable),
    ]),
    ...[...Map.groupBy(imported, ({ tool }) => tool)].flatMap(([tool, found]) =>
      table(
        `Also, says ${cut(tool)}`,
        ["severity", "where", "what", "rule"],
        found.map(({ severity, file, at, image, message, rule }) => [
          severity,
          place(file ?? image ?? "", at?.line),
          cell(message),
          code(cut(rule)),
        ]),
      ),
    ),
    ...table(
      "Notes",
      ["where", "what"],
      notes.map(({ source, at, message }) => [place(source, at?.line), cell(message)]),
    ),
  ];
  const counts = [
    `${counted(containers.length, "container")} in ${counted(new Set(containers.map(({ source }) => source.name)).size, "source")}`,
    ...(accepted.length === 0 ? [] : [`${accepted.length} accepted`]),
    ...(problems.length === 0 ? [] : [counted(problems.length, "problem")]),
  ];
  const title = findings.length === 0 ? "nothing found" : severityCounts(findings);
  return bounded(`### petrify audit: ${title}\n\n${counts.join("; ")}\n\n`, blocks);
}

interface Block {
  readonly text: string;
  /** Results that it tells. */
  readonly rows: number;
}

function ruleTable({ rule, findings }: RuleGroup): readonly Block[] {
  return table(
    `${rule.severity}: ${rule.title} (${rule.id})`,
    ["where", "workload", "what", "fix"],
    findings.map((finding) => [
      place(fileOf(finding), finding.at?.line),
      code(cut(placeName(finding))),
      cell(finding.message),
      cell(finding.fix),
    ]),
  );
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): readonly Block[] {
  const head = `**${escaped(title)}**\n\n${row(columns)}\n${row(columns.map(() => "---"))}\n`;
  const [first, ...others] = rows.slice(0, MOST_ROWS).map((cells) => `${row(cells)}\n`);
  if (first === undefined) return [];
  const rest = rows.length - MOST_ROWS;
  return [
    { text: head + first, rows: 1 },
    ...others.map((text) => ({ text, rows: 1 })),
    { text: rest > 0 ? `\nand ${rest} more\n\n` : "\n", rows: Math.max(rest, 0) },
  ];
}

/** As many whole blocks as fit; what is left out is counted. */
function bounded(head: string, blocks: readonly Block[]): string {
  let text = head;
  for (const [index, block] of blocks.entries()) {
    if (text.length + block.text.length <= MOST_CHARACTERS) {
      text += block.text;
      continue;
    }
    const left = blocks.slice(index).reduce((sum, { rows }) => sum + rows, 0);
    return `${text}\nand ${left} more, which a comment has no room for\n`;
  }
  return text;
}

function place(source: string, line: number | undefined): string {
  return code(line === undefined ? cut(source) : `${cut(source)}:${line}`);
}

function cell(text: string): string {
  return escaped(cut(text));
}

function cut(text: string): string {
  return text.length <= MOST_OF_A_CELL ? text : `${text.slice(0, MOST_OF_A_CELL - 1)}…`;
}
