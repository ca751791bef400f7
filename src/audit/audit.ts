import type { Finding } from "../model/finding.ts";
import { type AuditedContainer, CANNOT_SAY, type SettingName } from "./container.ts";
import type { Hit, Rule } from "./rule.ts";

/** What the rules find, container by container, in the rules' order. Suppressed ones are among it. */
export function audit(containers: readonly AuditedContainer[], rules: readonly Rule[]): readonly Finding[] {
  return containers.flatMap((container) =>
    rules
      .filter((rule) => applies(rule, container))
      .flatMap((rule) => rule.check(container).map((hit) => finding(rule, container, hit))),
  );
}

function applies({ needs, inputs }: Rule, { source: { kind }, unknown = [] }: AuditedContainer): boolean {
  const isKnown = (name: SettingName): boolean => !CANNOT_SAY[kind].has(name) && !unknown.includes(name);
  return inputs?.includes(kind) !== false && needs.every(isKnown);
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
    fix: hit.fix ?? rule.fix,
    ...(at === undefined ? {} : { at }),
    // JSON: no name can be made to look like two.
    fingerprint: JSON.stringify([rule.id, source.name, workload, container.container ?? "", hit.key ?? ""]),
  };
}
