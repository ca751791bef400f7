import type { AuditProblem, Finding, Location, Severity } from "../../model/finding.ts";
import { quoteForTerminal } from "../../model/quote.ts";
import { wrap } from "../../model/text-width.ts";
import { counted } from "../../model/units.ts";
import { withoutCommands } from "../../report/workflow-command.ts";
import { fileOf } from "../file-of.ts";
import { placeName, type RuleGroup, severityCounts, whatToDoFirst } from "../first.ts";
import type { OutputOptions } from "../outputs.ts";
import type { AuditReport, ImportedFinding } from "../report.ts";
import { type LineOf, sourceLines } from "../source-lines.ts";
import { excerpt } from "./excerpt.ts";

type Options = Pick<OutputOptions, "width" | "style">;

/** More of one rule would push what comes next off the screen; more of it is counted. */
const MOST_OF_A_RULE = 5;
/** With more findings than a screen takes, low ones are only counted, so that what matters more stands out. */
const MOST_WITH_LOW = 20;
const MOST_OTHERS = 20;
/** Names have no bound of their own, and a screen has. */
const MOST_OF_A_MESSAGE = 1_000;
const LOW_ARE_COUNTED = "Low ones are only counted: --rule ID shows those of a rule, --format json all.";
const COLOURS = { high: "red", medium: "yellow", low: "cyan" } as const satisfies Record<Severity, string>;

/** For people: by what to do first, with the line that is meant. Nothing in it acts on a terminal. */
export function text(report: AuditReport, options: Options): string {
  const { style } = options;
  const lineOf = sourceLines(report.texts);
  const countsLow =
    report.findings.length > MOST_WITH_LOW && report.findings.some(({ severity }) => severity !== "low");
  const isFolded = ({ rule }: RuleGroup): boolean => countsLow && rule.severity === "low";
  const topics = whatToDoFirst(report).map(({ topic, groups }) => {
    const folded = groups.filter(isFolded);
    const parts = groups.filter((group) => !isFolded(group)).map((group) => ruleText(group, lineOf, options));
    if (folded.length > 0) parts.push(folded.map((group) => ruleTitle(group, options)).join(""));
    return `${style("bold", heading(topic))}\n\n${parts.join("\n")}`;
  });
  const imported = importedText(report.imported, options);
  const sections = [
    ...topics,
    ...(imported === "" ? [] : [imported]),
    ...(countsLow ? [indented(0, LOW_ARE_COUNTED, options)] : []),
    ...listed(report.notes, "note", "cyan", lineOf, options),
    ...listed(report.problems, "problem", "red", lineOf, options),
  ];
  return withoutCommands(`${[...sections, summary(report, options)].join("\n")}\n`);
}

function heading(topic: string): string {
  return topic.charAt(0).toUpperCase() + topic.slice(1);
}

function ruleTitle({ rule, findings }: RuleGroup, { style, width }: Options): string {
  const often = findings.length > 1 ? `, ${findings.length} times` : "";
  const title = indented(0, `${rule.severity} ${rule.title} (${rule.id}${often})`, { style, width });
  return style(COLOURS[rule.severity], rule.severity) + title.slice(rule.severity.length);
}

/** A fix stands once, below the findings that it is for. */
function ruleText(group: RuleGroup, lineOf: LineOf, options: Options): string {
  const { findings } = group;
  const shown = findings.slice(0, MOST_OF_A_RULE);
  const rest = findings.length - shown.length;
  return [
    ruleTitle(group, options),
    ...shown.map((finding, index) => {
      const { fix } = finding;
      return findingText(finding, lineOf, options) + (shown[index + 1]?.fix === fix ? "" : fixText(fix, options));
    }),
    rest > 0 ? `  and ${rest} more (--format json and --report have all)\n` : "",
  ].join("");
}

function fixText(fix: string, options: Options): string {
  return indented(2, `fix: ${fix}`, options);
}

function findingText(finding: Finding, lineOf: LineOf, options: Options): string {
  const { at, message } = finding;
  const file = fileOf(finding);
  return [
    indented(2, `${placed(file, at)} ${placeName(finding)}: ${message}`, options),
    excerptText(file, at, lineOf, options),
  ].join("");
}

function excerptText(source: string, at: Location | undefined, lineOf: LineOf, { width, style }: Options): string {
  const line = at === undefined ? undefined : lineOf(source, at.line);
  if (at === undefined || line === undefined || line.trim() === "") return "";
  const gutter = `    ${at.line} | `;
  const part = excerpt(line, at, Math.max(width - gutter.length, 20));
  return `${style("dim", gutter)}${part.line}\n${style("dim", `${" ".repeat(gutter.length - 2)}| `)}${style("yellow", part.marks)}\n`;
}

type Listed = Pick<AuditProblem, "source" | "message" | "at"> & { readonly code?: string; readonly hint?: string };

function listed(
  list: readonly Listed[],
  lead: string,
  colour: "cyan" | "red",
  lineOf: LineOf,
  options: Options,
): readonly string[] {
  if (list.length === 0) return [];
  const lines = list.slice(0, MOST_OTHERS).map(({ source, message, code, hint, at }) => {
    const said = `${placed(source, at)}: ${message}${code === undefined ? "" : `  [${code}]`}`;
    const first = indented(2, `${lead}: ${said}`, options).slice(2);
    return [
      options.style(colour, first.slice(0, lead.length + 1)) + first.slice(lead.length + 1),
      excerptText(source, at, lineOf, options),
      hint === undefined ? "" : indented(2, `hint: ${hint}`, options),
    ].join("");
  });
  const rest = list.length - MOST_OTHERS;
  return [[...lines, rest > 0 ? `and ${rest} more (--format json and --report have all)\n` : ""].join("")];
}

/** What other scanners say, tool by tool, in their words and the order of their files. */
function importedText(imported: readonly ImportedFinding[], options: Options): string {
  const tools = [...Map.groupBy(imported, ({ tool }) => tool)];
  return tools
    .map(([tool, findings]) => {
      const lines = findings.slice(0, MOST_OTHERS).map(({ rule, severity, message, file, at, image, workloads }) => {
        const about = workloads.length === 0 ? "" : ` (${workloads.join(", ")})`;
        const place = file === undefined ? (image ?? "") : placed(file, at);
        return indented(2, `${severity} ${place}${about}: ${message} (${rule})`, options);
      });
      const rest = findings.length - lines.length;
      const title = options.style(
        "bold",
        `Also, says ${quoteForTerminal(tool.slice(0, 100))} (${severityCounts(findings)})`,
      );
      return `${title}\n\n${lines.join("")}${rest > 0 ? `  and ${rest} more\n` : ""}`;
    })
    .join("\n");
}

function summary({ findings, accepted, problems, containers }: AuditReport, options: Options): string {
  const parts = [
    findings.length > 0 ? severityCounts(findings) : containers.length > 0 ? "Nothing found" : "Nothing to judge",
    `${counted(containers.length, "container")} in ${counted(new Set(containers.map(({ source }) => source.name)).size, "source")}`,
    ...(accepted.length === 0 ? [] : [`${accepted.length} accepted`]),
    ...(problems.length === 0 ? [] : [`${counted(problems.length, "problem")}: not everything was audited`]),
  ];
  const colour = problems.length > 0 ? "red" : findings.length > 0 ? "bold" : "green";
  return options.style(colour, indented(0, parts.join("; "), options).trimEnd());
}

function placed(source: string, at: Location | undefined): string {
  return at === undefined ? source : `${source}:${at.line}:${at.column}`;
}

/** Quoted and wrapped behind an indent; the lines after the first stand two columns further in. */
function indented(columns: number, said: string, { width }: Options): string {
  const lead = " ".repeat(columns);
  const whole = said.length <= MOST_OF_A_MESSAGE ? said : `${said.slice(0, MOST_OF_A_MESSAGE)}…`;
  return wrap(quoteForTerminal(whole), Math.max(width - columns - 2, 20))
    .map((line, index) => `${lead}${index === 0 ? "" : "  "}${line}\n`)
    .join("");
}
