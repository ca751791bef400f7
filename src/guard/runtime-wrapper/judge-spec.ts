import type { Policy } from "../../model/policy.ts";
import type { Decision, Patch, Reason } from "../../policy/decision.ts";
import type { Circumstances } from "../../policy/decide.ts";
import type { GuardRequest } from "../../policy/request.ts";
import { changeSpec } from "./change-spec.ts";
import { type SpecFacts, specRequest } from "./spec-request.ts";
import type { OciSpec } from "./spec.ts";

/** What `enforce` makes of a container before the runtime sees it, and why. */
export type SpecJudgement = (
  | { readonly kind: "keep" }
  | { readonly kind: "change"; readonly spec: OciSpec }
  | { readonly kind: "refuse"; readonly sentence: string }
) & {
  readonly request: GuardRequest;
  readonly rules: readonly string[];
  /** The reason of the exemption that held. */
  readonly exemption?: string;
};

export interface SpecCircumstances extends SpecFacts {
  /** It is a step of a build, for all that a client can do. */
  readonly buildStep: boolean;
  readonly nowMs: number;
  readonly policySinceMs: number;
  readonly enginePaths: readonly string[];
  readonly decide: (request: GuardRequest, policy: Policy, circumstances: Circumstances) => Decision;
}

/**
 * Judges a specification by a policy, whatever its mode. What a specification cannot express is left to the engine's own
 * enforcement point (log driver), or refused (a volume, without which the workload would lose data).
 */
export function judgeSpec(spec: OciSpec, policy: Policy, circumstances: SpecCircumstances): SpecJudgement {
  const { record, nowMs, policySinceMs, enginePaths } = circumstances;
  const ask = (request: GuardRequest): Decision =>
    circumstances.decide(request, policyForSpecs(policy, record !== undefined), {
      caller: {},
      nowMs,
      strategies: [],
      policySinceMs,
      enginePaths,
    });
  const container = specRequest(spec, circumstances);
  if (circumstances.buildStep) {
    const request = { action: "build" } as const;
    const build = ask(request);
    return build.verdict === "deny" ? refusal(policy, request, build.reasons) : kept(request, build);
  }
  // A runtime creates at each start: what existed before the policy may be grandfathered.
  if (record !== undefined && record.createdMs < policySinceMs && (policy.grandfatherUntilMs ?? 0) > nowMs) {
    const request = { action: "start", container, createdMs: record.createdMs } as const;
    const start = ask(request);
    if (start.verdict === "allow") return kept(request, start);
  }
  const request = { action: "create", container } as const;
  const decision = ask(request);
  if (decision.verdict === "deny") return refusal(policy, request, decision.reasons);
  return decision.verdict === "allow" ? kept(request, decision) : changed(spec, policy, request, decision);
}

function kept(request: GuardRequest, decision: Decision): SpecJudgement {
  if (decision.verdict === "deny") return { kind: "keep", request, rules: rulesOf(decision.reasons) };
  const { notes, exemption } = decision;
  return { kind: "keep", request, rules: rulesOf(notes), ...(exemption && { exemption: exemption.reason }) };
}

function changed(spec: OciSpec, policy: Policy, request: GuardRequest, patch: Patch): SpecJudgement {
  const { changes, notes, exemption } = patch;
  // Who asked for a read-only root has said where it writes.
  const wanted =
    spec.root?.readonly === true ? changes.filter(({ kind }) => kind !== "tmpfs" && kind !== "volume") : changes;
  const { spec: result, impossible } = changeSpec(spec, wanted);
  const volume = impossible.find((change) => change.kind === "volume");
  if (volume !== undefined)
    return {
      kind: "refuse",
      request,
      rules: ["change-impossible"],
      sentence: `policy ${policy.name}: the container needs a volume at ${volume.path}, which only its engine can make; start it with one.`,
    };
  if (wanted.length === impossible.length) return kept(request, patch);
  return {
    kind: "change",
    spec: result,
    request,
    rules: ["patched", ...rulesOf(notes)],
    ...(exemption && { exemption: exemption.reason }),
  };
}

/**
 * The policy as far as a specification can be judged by it: it names no image, and what was asked for by name is not to be told from
 * what the engine added. Strategies fit images: the template holds.
 */
function policyForSpecs(policy: Policy, hasRecord: boolean): Policy {
  const { strategies: _, ...rest } = policy;
  return hasRecord ? rest : { ...rest, refuse: { ...policy.refuse, unpinnedImages: false } };
}

function refusal(policy: Policy, request: GuardRequest, reasons: readonly Reason[]): SpecJudgement {
  const [first] = reasons;
  return {
    kind: "refuse",
    request,
    rules: rulesOf(reasons),
    sentence: `policy ${policy.name}: ${first?.sentence ?? "refused."} ${first?.remedy ?? ""}`.trim(),
  };
}

function rulesOf(reasons: readonly Reason[]): readonly string[] {
  return [...new Set(reasons.map(({ rule }) => rule))];
}
