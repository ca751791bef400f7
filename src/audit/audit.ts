import type { Finding, InputKind } from "../model/finding.ts";
import { type AuditedContainer, CANNOT_SAY } from "./container.ts";
import type { Hit, Rule } from "./rule.ts";

/** What the rules find, container by container, in the rules' order. Suppressed ones are among it. */
export function audit(containers: readonly AuditedContainer[], rules: readonly Rule[]): readonly Finding[] {
  const byKind = new Map<InputKind, readonly Rule[]>();
  const findings: Finding[] = [];
  for (const container of containers) {
    const { kind } = container.source;
    const judging = byKind.get(kind) ?? rules.filter((rule) => judges(rule, kind));
    byKind.set(kind, judging);
    for (const rule of judging) {
      if (!isAbout(rule, container)) continue;
      const hits = rule.check(container);
      // One port for TCP and UDP, one socket at two places: the same thing to do.
      const distinct = hits.length < 2 ? hits : new Map(hits.map((hit) => [hit.key, hit])).values();
      for (const hit of distinct) findings.push(finding(rule, container, hit));
    }
  }
  return findings;
}

const DEPLOYED: readonly AuditedContainer["role"][] = ["main", "init", "sidecar"];

/** Whether a rule has a meaning for an input: it is about such, and the input can say all that the rule judges. */
export function judges({ needs, inputs }: Rule, kind: InputKind): boolean {
  return inputs?.includes(kind) !== false && !needs.some((name) => CANNOT_SAY[kind].has(name));
}

function isAbout({ roles = DEPLOYED, windows, needs }: Rule, { role, os, unknown = [] }: AuditedContainer): boolean {
  const isKnown = unknown.length === 0 || !needs.some((name) => unknown.includes(name));
  return isKnown && roles.includes(role) && (os === "linux" || windows === true);
}

/** What else is said in the same words. */
const SPELLED_LIKE: Readonly<Partial<Record<InputKind, InputKind>>> = {
  engine: "command",
  swarm: "compose",
  image: "dockerfile",
};

function fixOf({ fix, spelled = {} }: Rule, kind: InputKind): string {
  const words = spelled[kind] ?? spelled[SPELLED_LIKE[kind] ?? kind];
  return words === undefined ? fix : `${fix} Here: ${words}`;
}

function finding(rule: Rule, container: AuditedContainer, hit: Hit): Finding {
  const { source, workload } = container;
  const at = hit.at ?? container.at;
  return {
    rule: rule.id,
    severity: rule.severity,
    source,
    workload,
    ...(container.container === undefined ? {} : { container: container.container }),
    message: hit.message,
    fix: hit.fix ?? fixOf(rule, source.kind),
    ...(at === undefined ? {} : { at }),
    // JSON: no name can be made to look like two.
    fingerprint: JSON.stringify([rule.id, source.name, workload, container.container ?? "", hit.key ?? ""]),
  };
}
