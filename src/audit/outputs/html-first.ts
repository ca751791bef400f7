import type { Location, Severity } from "../../model/finding.ts";
import { counted } from "../../model/units.ts";
import { type Content, type Html, markup, path } from "../../report/html.ts";
import { table } from "../../report/table.ts";
import { fileOf } from "../file-of.ts";
import { placeName, type RuleGroup, whatToDoFirst } from "../first.ts";
import type { AuditReport } from "../report.ts";
import { type LineOf, sourceLines } from "../source-lines.ts";

/** A browser can show more, and nobody reads more. */
const MOST_ROWS = 500;
const MOST_OF_A_LINE = 160;

/** Rule by rule, what to do first at the top, with the line that is meant. */
export function firstPanel(report: AuditReport): Content {
  const topics = whatToDoFirst(report);
  if (topics.length === 0) return markup`<p>Nothing was found that is not accepted.</p>`;
  const lineOf = sourceLines(report.texts);
  return markup`<p class="lead">
      In this order: a writable root makes the rest matter less, and data that is lost cannot be mended later.
    </p>
    <div class="search" data-noun="finding" hidden>
      <label>Show only findings with <input type="search" autocomplete="off" spellcheck="false" /></label>
      <output></output>
    </div>
    ${topics.flatMap(({ topic, groups }) => groups.map((group) => ruleBlock(topic, group, lineOf)))}`;
}

function ruleBlock(topic: string, { rule, findings }: RuleGroup, lineOf: LineOf): Html {
  const fixes = new Set(findings.map(({ fix }) => fix));
  const own = fixes.size > 1;
  const rest = findings.length - MOST_ROWS;
  const titles = ["Workload", "Where", "What", ...(own ? ["What to do"] : [])];
  return markup`<section class="decision" id="rule-${rule.id}" tabindex="-1">
    <h4>${rule.title} ${severityMark(rule.severity)}</h4>
    <p class="why">${rule.why}</p>
    <p><strong>What to do:</strong> ${own ? rule.fix : [...fixes][0]}</p>
    ${table(
      `${topic}, ${rule.id}: ${counted(findings.length, "finding")}`,
      titles.map((title) => ({ title })),
      findings.slice(0, MOST_ROWS).map((finding) => {
        const { at, message, fix } = finding;
        const file = fileOf(finding);
        const line = at === undefined ? undefined : lineOf(file, at.line)?.trim();
        return {
          search: `${placeName(finding)} ${file} ${message}`,
          cells: [placeName(finding), where(file, at, line), message, ...(own ? [fix] : [])],
        };
      }),
    )}
    ${rest > 0 && markup`<p>and ${rest} more; the JSON form has all</p>`}
  </section>`;
}

/** A place, and the line that stands there. */
export function where(source: string, at: Location | undefined, line = ""): Content {
  const name = path(at === undefined ? source : `${source}:${at.line}`);
  if (line === "") return name;
  const shown = line.length > MOST_OF_A_LINE ? `${line.slice(0, MOST_OF_A_LINE)}…` : line;
  return [name, markup`<code class="more">${shown}</code>`];
}

const STATES = { high: "bad", medium: "warn", low: "back" } as const satisfies Record<Severity, string>;

export function severityMark(severity: Severity): Html {
  return markup`<span class="${STATES[severity]}">${severity}</span>`;
}
