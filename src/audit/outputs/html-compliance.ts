import { counted } from "../../model/units.ts";
import { type Content, type Html, markup } from "../../report/html.ts";
import { table } from "../../report/table.ts";
import { CATALOGUES, CATALOGUE_KEYS } from "../mappings.ts";
import type { AuditReport } from "../report.ts";
import type { Mapping, Rule } from "../rule.ts";

/** What the rules say to the controls of each catalogue. */
export function complianceMatrix(report: AuditReport): Content {
  const found = Map.groupBy(report.findings, ({ rule }) => rule);
  const lived = Map.groupBy(report.accepted, ({ finding }) => finding.rule);
  const tables = CATALOGUE_KEYS.map((key) => {
    const controls = controlsOf(key, report.rules);
    return (
      controls.length > 0 &&
      table(
        CATALOGUES[key].name,
        ["Control", "Result", "Accepted", "Rules"].map((title) => ({ title })),
        controls.map(([control, rules]) => ({
          cells: [control, outcome(countOf(rules, found)), accepted(countOf(rules, lived)), ruleLinks(rules, found)],
        })),
      )
    );
  });
  return markup`<p class="lead">
      What the rules look for, by the controls that they belong to. A control can ask for more than a rule looks for: nothing
      found is not yet compliance.
    </p>
    ${tables}`;
}

function countOf(rules: readonly Rule[], found: ReadonlyMap<string, readonly unknown[]>): number {
  return rules.reduce((sum, { id }) => sum + (found.get(id)?.length ?? 0), 0);
}

function controlsOf(key: keyof Mapping, rules: readonly Rule[]): readonly (readonly [string, readonly Rule[]])[] {
  const pairs = rules.flatMap((rule) => (rule.maps[key] ?? []).map((id) => ({ id, rule })));
  return [...Map.groupBy(pairs, ({ id }) => id)]
    .map(([id, list]) => [id, list.map(({ rule }) => rule)] as const)
    .toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
}

function outcome(findings: number): Html {
  return findings === 0
    ? markup`<span class="good">✓ nothing found</span>`
    : markup`<span class="bad">✕ ${counted(findings, "finding")}</span>`;
}

function accepted(count: number): Content {
  return count === 0 ? "" : markup`<span class="warn">! ${count} accepted</span>`;
}

function ruleLinks(rules: readonly Rule[], found: ReadonlyMap<string, unknown>): Content {
  return rules.flatMap(({ id }, index) => [
    index > 0 && ", ",
    found.has(id) ? markup`<a href="#rule-${id}">${id}</a>` : id,
  ]);
}
