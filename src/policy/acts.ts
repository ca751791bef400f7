import type { Policy, ProductionRule } from "../model/policy.ts";
import type { Decision, Reason } from "./decision.ts";
import type { ContainerRequest, GuardRequest } from "./request.ts";
import { type Asker, shown, toAllow, toExempt } from "./wording.ts";

/** Requests that make no container. */
export type Act = Exclude<GuardRequest, { readonly action: "create" | "start" }>;

/** What each act is, and what is better done. */
const PRODUCTION: Readonly<Record<keyof Policy["production"], { readonly what: string; readonly better: string }>> = {
  build: { what: "Images are built on this host", better: "Build them in CI and pull them" },
  commit: { what: "An image is made of a changed container", better: "Build the image from a Dockerfile" },
  copy: {
    what: "Files are put into a container from outside",
    better: "Put them into the image, or mount them (-v FILE:PATH:ro)",
  },
  exec: { what: "A command is run in a container from outside", better: "Use logs, or a container of its own for it" },
};

/** What the policy says of an act that makes no container. */
export function decideAct(request: Act, policy: Policy, caller: Asker): Decision {
  if (request.action === "unknown") return unknown(policy, request.what, caller);
  if (request.action === "build") return production(policy, "build", caller, []);
  if (request.action === "engineChange")
    return policy.refuse.engineChanges
      ? { verdict: "deny", reasons: [engineChange(policy, request.what, caller)] }
      : allow([]);
  const isRefused = request.action === "exec" && request.privileged && policy.refuse.privilegedExec;
  return production(policy, request.action, request.container, isRefused ? [privilegedExec(policy, request)] : []);
}

function production(
  policy: Policy,
  act: keyof Policy["production"],
  who: ContainerRequest | Asker,
  refusals: readonly Reason[],
): Decision {
  const rule: ProductionRule = policy.production[act];
  const { what, better } = PRODUCTION[act];
  const said = {
    rule: `production-${act}`,
    sentence: `${what}${rule === "deny" ? `, which policy ${policy.name} forbids` : `: policy ${policy.name} warns of that`}.`,
    remedy: `${better}; or ${toAllow(policy, `production.${act}: allow`, who)}`,
  };
  const reasons = rule === "deny" ? [...refusals, said] : refusals;
  if (reasons.length > 0) return { verdict: "deny", reasons };
  return allow(rule === "warn" ? [said] : []);
}

function privilegedExec(policy: Policy, { container }: { readonly container: ContainerRequest }): Reason {
  return {
    rule: "privileged-exec",
    sentence: "A privileged command in a container makes its root writable again and reaches the host.",
    remedy: `Leave --privileged out; or ${toAllow(policy, "refuse.privilegedExec: false", container)}`,
  };
}

function engineChange(policy: Policy, what: string, caller: Asker): Reason {
  return {
    rule: "engine-change",
    sentence: `${shown(what)} lets others run containers past policy ${policy.name}.`,
    remedy: `Do it past the guard, as root; or ${toAllow(policy, "refuse.engineChanges: false", caller)}`,
  };
}

function unknown(policy: Policy, what: string, caller: Asker): Decision {
  const reason = {
    rule: "unknown-call",
    sentence: `${shown(what)} changes something, and is not known here.`,
    remedy: `Use a newer Petrify, or ${toExempt(policy, caller)}.`,
  };
  return policy.trust === "hostile" ? { verdict: "deny", reasons: [reason] } : allow([reason]);
}

function allow(notes: readonly Reason[]): Decision {
  return { verdict: "allow", notes };
}
