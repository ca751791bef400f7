import type { Exemption, Policy } from "../model/policy.ts";
import type { Strategy } from "../model/strategy.ts";
import { decideAct } from "./acts.ts";
import type { Decision, Reason } from "./decision.ts";
import { defaultChanges } from "./defaults.ts";
import { exemptDecision } from "./exempt-decision.ts";
import { exemptionFor, subjectText } from "./exempt.ts";
import { readOnlyPlan } from "./read-only.ts";
import type { Caller, ContainerRequest, GuardRequest } from "./request.ts";
import { judge, type Subject } from "./rule.ts";
import { CONTAINER_RULES } from "./rules.ts";
import { untilText } from "./time.ts";
import { shown, toExempt } from "./wording.ts";

/** What `decide` must know beside the request. */
export interface Circumstances {
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Those of the policy's folder. */
  readonly strategies: readonly Strategy[];
  /** Since when this policy is enforced: containers made before may be grandfathered. Milliseconds since 1970, or infinite: not yet. */
  readonly policySinceMs: number;
  /** Of the engine, beside the usual places: the socket behind the enforcement point, another data root. Absolute. */
  readonly enginePaths?: readonly string[];
  /** What tells the enforcement point what to do, such as the policy's file: who can write there decides. Absolute. */
  readonly guardPaths?: readonly string[];
}

/**
 * What the policy says of a request; pure, and the same for each enforcement point. Of a request with all changes made it says
 * `allow`. The policy's mode is the enforcement point's: audit and warn carry nothing out.
 */
export function decide(request: GuardRequest, policy: Policy, circumstances: Circumstances): Decision {
  const container = "container" in request ? request.container : undefined;
  const { exemption, expired } = exemptionFor(policy, container, circumstances);
  const notes = expired.map((one) => expiredNote(one, policy));
  if (exemption !== undefined) return withNotes(notes, exemptDecision(request, exemption, policy));
  // Files cannot say both; what contradicts itself exempts nobody.
  if (policy.privileged === "exempt" && policy.scope !== "all" && container?.privileged === true)
    return { verdict: "allow", notes: [...notes, privilegedNote(policy)] };
  if (request.action !== "create" && request.action !== "start") {
    const decision = decideAct(request, policy, circumstances.caller);
    const refused = decision.verdict === "deny" ? undefined : refusedInside(request, policy, circumstances);
    return withNotes(notes, refused ?? decision);
  }
  const subject = { container: request.container, policy, circumstances, exists: request.action === "start" };
  if (request.action === "start" && isGrandfathered(request.createdMs, policy, circumstances))
    return { verdict: "allow", notes: [...notes, grandfatheredNote(policy)] };
  return withNotes(notes, decideContainer(subject));
}

/**
 * A hostile client does nothing in a container that he could not start: whoever is exempt may have made it, with rights on the host.
 */
function refusedInside(request: GuardRequest, policy: Policy, circumstances: Circumstances): Decision | undefined {
  if (policy.trust !== "hostile" || (request.action !== "exec" && request.action !== "copy")) return undefined;
  const { container, createdMs } = request;
  if (request.action === "copy" && container.readOnlyRoot)
    return { verdict: "deny", reasons: [copyByLinks(policy, container)] };
  if (createdMs !== undefined && isGrandfathered(createdMs, policy, circumstances)) return undefined;
  const decision = decideContainer({ container, policy, circumstances, exists: true });
  return decision.verdict === "deny" ? decision : undefined;
}

/**
 * The engine looks where a path leads, and then follows it again: a link that takes a directory's place in between leads it to the
 * programs in the root, which is read-only to the container alone (seen within seconds with Docker 20.10 and 26).
 */
function copyByLinks(policy: Policy, container: ContainerRequest): Reason {
  return {
    rule: "copy-by-links",
    sentence:
      "Links that are put into a volume meanwhile lead what is copied there into the read-only root, which the engine itself can write.",
    remedy: `Let a process of the container write it (tar -c FILE | docker exec -i NAME tar -xC DIRECTORY), or ${toExempt(policy, container)}.`,
  };
}

function decideContainer(subject: Subject): Decision {
  const judged = judge(CONTAINER_RULES, subject);
  // Of what exists the rules have judged the root; mounts and limits that it lacks harm nobody else.
  const plan = subject.exists ? { changes: [], notes: [] } : readOnlyPlan(subject);
  const { refusal } = plan;
  const reasons = [...judged.refusals, ...(refusal === undefined ? [] : [refusal])];
  const notes = [...judged.notes, ...plan.notes];
  if (reasons.length > 0) return { verdict: "deny", reasons };
  const changes = [...plan.changes, ...(subject.exists ? [] : defaultChanges(subject))];
  return changes.length === 0 ? { verdict: "allow", notes } : { verdict: "patch", changes, notes };
}

function isGrandfathered(createdMs: number, { grandfatherUntilMs }: Policy, { nowMs, policySinceMs }: Circumstances) {
  return grandfatherUntilMs !== undefined && nowMs < grandfatherUntilMs && createdMs < policySinceMs;
}

/** A refusal says what it says: notes are for what is allowed, and for exemptions that would have held. */
function withNotes(notes: readonly Reason[], decision: Decision): Decision {
  if (notes.length === 0) return decision;
  return decision.verdict === "deny"
    ? { ...decision, reasons: [...decision.reasons, ...notes] }
    : { ...decision, notes: [...notes, ...decision.notes] };
}

function expiredNote({ who, untilMs }: Exemption, { name }: Policy): Reason {
  return {
    rule: "expired-exemption",
    sentence: `The exemption by ${shown(subjectText(who))} in policy ${name} ran out after ${untilText(untilMs)}.`,
    remedy: "Set a later until there, or take the exemption out.",
  };
}

function privilegedNote({ name }: Policy): Reason {
  return {
    rule: "privileged-exempt",
    sentence: `The container is privileged, and policy ${name} exempts privileged containers.`,
    remedy: "Set privileged: read-only or refuse there to have it otherwise.",
  };
}

function grandfatheredNote({ name, grandfatherUntilMs = 0 }: Policy): Reason {
  return {
    rule: "grandfathered",
    sentence: `The container is older than policy ${name}, which lets such containers start as they are until ${untilText(grandfatherUntilMs)}.`,
    remedy: "Make it again before then.",
  };
}
