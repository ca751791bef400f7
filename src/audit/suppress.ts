import type { AuditNote, AuditProblem, Finding } from "../model/finding.ts";
import { type Beginning, beginningsByFile, blocksOf, lineBelow } from "./block.ts";
import type { AuditedContainer, Suppression } from "./container.ts";
import { fileOf } from "./file-of.ts";
import type { AcceptedFinding } from "./report.ts";
import { holds, type SuppressionComment, suppressionComments } from "./suppression-comments.ts";

export interface Suppressed {
  readonly findings: readonly Finding[];
  readonly accepted: readonly AcceptedFinding[];
  readonly problems: readonly AuditProblem[];
  readonly notes: readonly AuditNote[];
}

interface Given {
  readonly texts: ReadonlyMap<string, string>;
  readonly containers: readonly AuditedContainer[];
  readonly findings: readonly Finding[];
  /** Ids of every rule there is. */
  readonly known: ReadonlySet<string>;
  /** Ids of the rules that judged. */
  readonly judged: ReadonlySet<string>;
  /** `2026-11-26`. */
  readonly today: string;
}

/**
 * Takes out what a comment accepts: on the finding's line, above it, or in the block of its container. A comment without rule,
 * reason or valid day is a problem; one that has run out or is about nothing is told, and counts no more.
 */
export function suppress(given: Given): Suppressed {
  const { texts, containers, findings, known, judged, today } = given;
  const accepted = new Map<Finding, AcceptedFinding>();
  const problems: AuditProblem[] = [];
  const notes: AuditNote[] = [];
  const bySource = Map.groupBy(findings, ({ source }) => source.name);
  const byFile = Map.groupBy(findings, fileOf);
  const beginnings = beginningsByFile(containers);
  for (const [source, text] of texts) {
    const all = suppressionComments(text);
    const comments = all.slice(0, MOST_COMMENTS);
    if (comments.length === 0) continue;
    if (all.length > MOST_COMMENTS)
      problems.push({ source, code: "E_EXCEPTION_INVALID", message: TOO_MANY, hint: "A baseline holds that many." });
    const lines = text.split("\n");
    const find = finder(lines, beginnings.get(source) ?? [], byFile.get(source) ?? [], bySource);
    for (const comment of comments) {
      const invalid = comment.invalid ?? unknownRule(comment, known);
      if (invalid !== undefined) {
        problems.push({ source, code: "E_EXCEPTION_INVALID", message: invalid, hint: HINT, at: comment.at });
        continue;
      }
      const about = find(comment);
      for (const finding of about)
        if (holds(comment, today)) accepted.set(finding, { ...acceptance(comment), finding, by: "comment" });
      const note = noteOn(comment, about.length, judged, today);
      if (note !== undefined) notes.push({ source, message: note, at: comment.at });
    }
  }
  for (const container of containers)
    for (const [finding, by] of declared(container, bySource, today)) accepted.set(finding, by);
  return {
    findings: findings.filter((finding) => !accepted.has(finding)),
    accepted: findings.flatMap((finding) => accepted.get(finding) ?? []),
    problems,
    notes,
  };
}

/** More in one file were not written by anybody. */
const MOST_COMMENTS = 1_000;
const TOO_MANY = `There are more than ${MOST_COMMENTS} exceptions: those after them do not count.`;
const HINT = "Write it as: # petrify-ignore RULE: reason, or # petrify-ignore RULE until 2027-01-31: reason.";

function unknownRule({ rules }: SuppressionComment, known: ReadonlySet<string>): string | undefined {
  const unknown = rules.find((rule) => !known.has(rule));
  return unknown === undefined ? undefined : `There is no rule '${unknown}': the exception does not count.`;
}

function acceptance({
  reason,
  until,
}: Pick<Suppression, "reason" | "until">): Pick<AcceptedFinding, "reason" | "until"> {
  return { reason, ...(until === undefined ? {} : { until }) };
}

function noteOn(
  comment: SuppressionComment,
  matches: number,
  judged: ReadonlySet<string>,
  today: string,
): string | undefined {
  const rules = comment.rules.join(", ");
  if (!holds(comment, today)) return `The exception for ${rules} ran out after ${comment.until}: it counts no more.`;
  if (matches === 0 && comment.rules.every((rule) => judged.has(rule)))
    return `The exception for ${rules} is about nothing that was found: it can go.`;
  return undefined;
}

/** Gives the findings that a comment is about, by lines and blocks of their text. */
function finder(
  lines: readonly string[],
  beginnings: readonly Beginning[],
  findings: readonly Finding[],
  bySource: ReadonlyMap<string, readonly Finding[]>,
): (comment: SuppressionComment) => readonly Finding[] {
  const below = lineBelow(lines);
  const byLine = Map.groupBy(findings, ({ at }) => at?.line);
  const sources = new Set(beginnings.map(({ container }) => container.source.name));
  const byName = Map.groupBy(
    [...sources].flatMap((source) => bySource.get(source) ?? []),
    nameOf,
  );
  const blocks = blocksOf(lines, beginnings);
  return ({ line, alone, rules }) => {
    const next = alone ? below(line) : undefined;
    const near = [
      ...(byLine.get(line) ?? []),
      ...(next === undefined ? [] : (byLine.get(next) ?? [])),
      ...blocks
        .filter(({ first, last }) => first <= line && line <= last)
        .flatMap(({ containers }) => containers.flatMap((container) => byName.get(nameOf(container)) ?? [])),
    ];
    return [...new Set(near)].filter(({ rule }) => rules.includes(rule));
  };
}

/** Exceptions that the input itself knows, such as an annotation. */
function declared(
  container: AuditedContainer,
  bySource: ReadonlyMap<string, readonly Finding[]>,
  today: string,
): readonly (readonly [Finding, AcceptedFinding])[] {
  const valid = (container.suppressed ?? []).filter((one) => one.reason.trim() !== "" && holds(one, today));
  if (valid.length === 0) return [];
  return (bySource.get(container.source.name) ?? [])
    .filter((finding) => nameOf(finding) === nameOf(container))
    .flatMap((finding) => {
      const by = valid.find(({ rule }) => rule === finding.rule);
      return by === undefined ? [] : [[finding, { ...acceptance(by), finding, by: "comment" }] as const];
    });
}

function nameOf({ source, workload, container }: Pick<Finding, "source" | "workload" | "container">): string {
  return JSON.stringify([source.name, workload, container ?? ""]);
}
