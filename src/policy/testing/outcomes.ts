import type { Policy } from "../../model/policy.ts";
import { type Circumstances, decide } from "../decide.ts";
import type { Change, Decision } from "../decision.ts";
import type { ContainerRequest } from "../request.ts";
import { circumstances, containerRequest, policy } from "./samples.ts";

export function create(
  settings: Partial<ContainerRequest> = {},
  rules: Partial<Policy> = {},
  now: Partial<Circumstances> = {},
): Decision {
  return decide({ action: "create", container: containerRequest(settings) }, policy(rules), circumstances(now));
}

export function changesOf(decision: Decision): readonly Change[] {
  return decision.verdict === "patch" ? decision.changes : [];
}

/** `readOnlyRoot`, `tmpfs /tmp`, `volume db:/data`, `env A=1`. */
export function brief(decision: Decision): readonly string[] {
  return changesOf(decision).map((change) => {
    if (change.kind === "tmpfs") return `tmpfs ${change.path}`;
    if (change.kind === "volume") return `volume ${change.name === undefined ? "" : `${change.name}:`}${change.path}`;
    return change.kind === "env" ? `env ${change.name}=${change.value}` : change.kind;
  });
}

export function told(decision: Decision): string {
  const reasons = decision.verdict === "deny" ? decision.reasons : decision.notes;
  return reasons.map(({ sentence, remedy }) => `${sentence} ${remedy}`).join("\n");
}

export const TEMPLATE = ["readOnlyRoot", "tmpfs /run", "tmpfs /tmp", "tmpfs /var/tmp"];
