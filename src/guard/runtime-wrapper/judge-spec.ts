import type { Policy } from "../../model/policy.ts";
import type { Change, Decision, Reason } from "../../policy/decision.ts";
import type { Circumstances } from "../../policy/decide.ts";
import type { GuardRequest } from "../../policy/request.ts";
import { changeSpec } from "./change-spec.ts";
import { type SpecFacts, specRequest } from "./spec-request.ts";
import type { OciSpec } from "./spec.ts";

/** What becomes of a container before the runtime sees it. */
export type SpecJudgement =
  | { readonly kind: "keep" }
  | { readonly kind: "change"; readonly spec: OciSpec }
  | { readonly kind: "refuse"; readonly sentence: string };

export interface SpecCircumstances extends SpecFacts {
  /** It is a step of a build, for all that a client can do. */
  readonly buildStep: boolean;
  readonly nowMs: number;
  readonly policySinceMs: number;
  readonly decide: (request: GuardRequest, policy: Policy, circumstances: Circumstances) => Decision;
}

/**
 * Judges a specification by a policy. Audit and warn keep everything: there is nobody to tell. What a specification cannot express
 * is left to the engine's own enforcement point (log driver), or refused (a volume, without which the workload would lose data).
 */
export function judgeSpec(spec: OciSpec, policy: Policy, circumstances: SpecCircumstances): SpecJudgement {
  if (policy.mode !== "enforce") return KEEP;
  const { record, nowMs, policySinceMs } = circumstances;
  const ask = (request: GuardRequest): Decision =>
    circumstances.decide(request, policyForSpecs(policy, record !== undefined), {
      caller: {},
      nowMs,
      strategies: [],
      policySinceMs,
    });
  const container = specRequest(spec, circumstances);
  if (circumstances.buildStep) {
    const build = ask({ action: "build" });
    return build.verdict === "deny" ? refusal(policy, build.reasons) : KEEP;
  }
  // A runtime creates at each start: what existed before the policy may be grandfathered.
  if (record !== undefined && record.createdMs < policySinceMs && (policy.grandfatherUntilMs ?? 0) > nowMs) {
    const start = ask({ action: "start", container, createdMs: record.createdMs });
    if (start.verdict === "allow") return KEEP;
  }
  const decision = ask({ action: "create", container });
  if (decision.verdict === "allow") return KEEP;
  if (decision.verdict === "deny") return refusal(policy, decision.reasons);
  return changed(spec, policy, decision.changes);
}

const KEEP: SpecJudgement = { kind: "keep" };

function changed(spec: OciSpec, policy: Policy, changes: readonly Change[]): SpecJudgement {
  // Who asked for a read-only root has said where it writes.
  const wanted =
    spec.root?.readonly === true ? changes.filter(({ kind }) => kind !== "tmpfs" && kind !== "volume") : changes;
  const { spec: result, impossible } = changeSpec(spec, wanted);
  const volume = impossible.find((change) => change.kind === "volume");
  if (volume !== undefined)
    return {
      kind: "refuse",
      sentence: `policy ${policy.name}: the container needs a volume at ${volume.path}, which only its engine can make; start it with one.`,
    };
  return wanted.length === impossible.length ? KEEP : { kind: "change", spec: result };
}

/**
 * The policy as far as a specification can be judged by it: it names no image, and what was asked for by name is not to be told from
 * what the engine added. Strategies fit images: the template holds.
 */
function policyForSpecs(policy: Policy, hasRecord: boolean): Policy {
  const { strategies: _, ...rest } = policy;
  return hasRecord ? rest : { ...rest, refuse: { ...policy.refuse, unpinnedImages: false } };
}

function refusal(policy: Policy, reasons: readonly Reason[]): SpecJudgement {
  const [first] = reasons;
  return {
    kind: "refuse",
    sentence: `policy ${policy.name}: ${first?.sentence ?? "refused."} ${first?.remedy ?? ""}`.trim(),
  };
}
