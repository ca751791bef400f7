import { type Finding, SEVERITIES } from "../model/finding.ts";
import type { AuditReport } from "./report.ts";
import { type Rule, type Topic, TOPICS } from "./rule.ts";

export interface RuleGroup {
  readonly rule: Rule;
  readonly findings: readonly Finding[];
}

export interface TopicGroup {
  readonly topic: Topic;
  readonly groups: readonly RuleGroup[];
}

/** Findings by topic and rule, what to do first at the top; topics without a finding are left out. */
export function whatToDoFirst({ findings, rules }: Pick<AuditReport, "findings" | "rules">): readonly TopicGroup[] {
  const byRule = Map.groupBy(findings, ({ rule }) => rule);
  const groups = rules
    .map((rule) => ({ rule, findings: byRule.get(rule.id) ?? [] }))
    .filter((group) => group.findings.length > 0)
    .toSorted((a, b) => SEVERITIES.indexOf(a.rule.severity) - SEVERITIES.indexOf(b.rule.severity));
  return TOPICS.map((topic) => ({ topic, groups: groups.filter(({ rule }) => rule.topic === topic) })).filter(
    (topic) => topic.groups.length > 0,
  );
}

/** `web`, `Deployment shop/web (container nginx)`. */
export function placeName({ workload, container }: Pick<Finding, "workload" | "container">): string {
  return container === undefined ? workload : `${workload} (container ${container})`;
}

/** `12 findings: 3 high, 9 low`. */
export function severityCounts(findings: readonly Pick<Finding, "severity">[]): string {
  const counts = SEVERITIES.map((severity) => [severity, findings.filter((one) => one.severity === severity).length]);
  const told = counts.filter(([, count]) => count !== 0).map(([severity, count]) => `${count} ${severity}`);
  const total = `${findings.length} ${findings.length === 1 ? "finding" : "findings"}`;
  return told.length === 0 ? total : `${total}: ${told.join(", ")}`;
}
