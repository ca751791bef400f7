import type { Rule } from "../audit/rule.ts";
import { PetrifyError } from "../model/errors.ts";
import type { AuditFlags } from "./audit-flags.ts";

/** The rules that `--rule` and `--skip` leave. Throws E_USAGE for one that there is not. */
export function auditRules(
  { rule, skip = [] }: Pick<AuditFlags, "rule" | "skip">,
  all: readonly Rule[],
): readonly Rule[] {
  const unknown = [...(rule ?? []), ...skip].find((id) => !all.some((one) => one.id === id));
  if (unknown !== undefined)
    throw new PetrifyError("E_USAGE", `There is no rule '${unknown}'.`, {
      hint: `Rules are: ${all.map(({ id }) => id).join(", ")}.`,
    });
  return all.filter(({ id }) => rule?.includes(id) !== false && !skip.includes(id));
}
