import type { Change, Decision, Reason } from "../../policy/decision.ts";
import type { GuardRequest } from "../../policy/request.ts";
import { flagsFor } from "../docker-api/flags.ts";
import { unchangeable } from "./messages.ts";

/** What all decisions on one call come to. */
export type Verdict =
  | { readonly kind: "deny"; readonly reasons: readonly Reason[] }
  /** One list of changes for each request, in their order. */
  | {
      readonly kind: "allow" | "patch";
      readonly changes: readonly (readonly Change[])[];
      readonly flags: readonly string[];
      readonly notes: readonly Reason[];
    };

/** `canRewrite`: the engine can be asked for something else; if not, what would have to be changed is denied. */
export function verdictOf(
  requests: readonly GuardRequest[],
  decisions: readonly Decision[],
  canRewrite: boolean,
): Verdict {
  const reasons: Reason[] = [];
  for (const [index, decision] of decisions.entries()) {
    if (decision.verdict === "deny") reasons.push(...decision.reasons);
    if (decision.verdict === "patch" && !canRewrite)
      reasons.push(unchangeable(flagsFor(decision.changes), requests[index]?.action ?? ""));
  }
  if (reasons.length > 0) return { kind: "deny", reasons: distinct(reasons) };
  const changes = decisions.map((decision) => (decision.verdict === "patch" ? decision.changes : []));
  const notes = distinct(decisions.flatMap((decision) => (decision.verdict === "deny" ? [] : decision.notes)));
  const flags = [...new Set(changes.flatMap(flagsFor))];
  return { kind: changes.some((list) => list.length > 0) ? "patch" : "allow", changes, flags, notes };
}

/** Containers of one pod tell the same. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return [...new Map(reasons.map((reason) => [`${reason.rule} ${reason.sentence}`, reason])).values()];
}
