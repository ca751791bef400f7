import { PetrifyError } from "../../model/errors.ts";
import type { Exemption, Policy } from "../../model/policy.ts";
import type { Strategy } from "../../model/strategy.ts";
import type { decide } from "../../policy/decide.ts";
import type { Decision } from "../../policy/decision.ts";
import { exemptionFor } from "../../policy/exempt.ts";
import type { GuardRequest } from "../../policy/request.ts";
import type { Answer, ApiCall, ApiTarget, Gate, Plan } from "../api-call.ts";
import { assess } from "./assess.ts";
import { type Assessment, PASS } from "./assessment.ts";
import type { Lookups } from "./lookups.ts";
import { PLANS } from "./meaning.ts";
import { noteText, refusalMessage, wouldChange, wouldRefuse } from "./messages.ts";
import type { Observer } from "../observe/observer.ts";
import { type Route, routeOf } from "./routes.ts";
import type { Translators } from "./translators.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What decisions are made by; one and the same for all of a call. */
export interface PolicySnapshot {
  readonly policy: Policy;
  readonly strategies: readonly Strategy[];
  /** Since when the policy is enforced: milliseconds since 1970, infinite while it is only tried. */
  readonly sinceMs: number;
  /** Of this host, which no container may get: the engine's socket. Absolute. */
  readonly enginePaths: readonly string[];
  /** Which no container may write: the policy's file, the folder of its strategies, the guard's state. Absolute. */
  readonly guardPaths: readonly string[];
}

export interface PolicyGateOptions {
  readonly snapshot: PolicySnapshot;
  readonly lookups: Lookups;
  readonly translators: Translators;
  readonly decide: typeof decide;
  readonly observer: Observer;
  /** Audit, whatever the policy says. */
  readonly dryRun: boolean;
  readonly now?: () => number;
}

/** The gate of one engine. Calls under way keep the policy that they began with. */
export class PolicyGate implements Gate {
  readonly #options: PolicyGateOptions;
  readonly #now: () => number;
  #snapshot: PolicySnapshot;

  constructor(options: PolicyGateOptions) {
    this.#options = options;
    this.#snapshot = options.snapshot;
    this.#now = options.now ?? Date.now;
  }

  /** The policy that new calls are judged by. */
  get snapshot(): PolicySnapshot {
    return this.#snapshot;
  }

  replacePolicy(snapshot: PolicySnapshot): void {
    this.#snapshot = snapshot;
  }

  plan(call: ApiCall): Plan {
    return PLANS[routeOf(call).meaning.kind];
  }

  async judge(call: ApiCall, body: Buffer | undefined): Promise<Answer> {
    const judgement: Judgement = {
      call,
      route: routeOf(call),
      snapshot: this.#snapshot,
      mode: this.#options.dryRun ? "audit" : this.#snapshot.policy.mode,
      startedAtMs: performance.now(),
    };
    const exemption = this.#exemptionOf(judgement);
    if (exemption !== undefined) return this.#letThrough(judgement, body, exemption);
    try {
      const assessment = await assess(call, judgement.route, body, this.#options);
      const dataRoot = hasMounts(assessment) ? await this.#options.lookups.dataRoot() : undefined;
      const { enginePaths } = judgement.snapshot;
      return this.#answer(judgement, assessment, dataRoot === undefined ? enginePaths : [...enginePaths, dataRoot]);
    } catch (error) {
      return this.#failed(judgement, error);
    }
  }

  /** Of a caller that is left alone whatever the call is. */
  #exemptionOf({ call: { caller }, snapshot: { policy } }: Judgement): Exemption | undefined {
    const { exemption } = exemptionFor(policy, undefined, { caller, nowMs: this.#now() });
    return exemption?.readOnlyPaths.length === 0 ? exemption : undefined;
  }

  /** Told, and otherwise as if there were no guard: also what the guard could not read, or would not let anybody else say. */
  async #letThrough(judgement: Judgement, body: Buffer | undefined, { reason }: Exemption): Promise<Answer> {
    const found = await assess(judgement.call, judgement.route, body, this.#options).catch(() => PASS);
    const outcome = { verdict: "allow", rules: [], exemption: reason } as const;
    if (found.kind === "judge") for (const request of found.requests) this.#observe(judgement, { ...outcome, request });
    else this.#observe(judgement, outcome);
    return UNCHANGED;
  }

  #answer(judgement: Judgement, assessment: Assessment, enginePaths: readonly string[]): Answer {
    if (assessment.kind === "pass") return UNCHANGED;
    if (assessment.kind === "refuse") {
      this.#observe(judgement, { verdict: "deny", rules: [assessment.rule] });
      if (judgement.mode !== "enforce" && !assessment.protocol) return UNCHANGED;
      const { status, message } = assessment.refusal;
      const { name } = judgement.snapshot.policy;
      // Clients look for the engine's own words there.
      const text = status === 404 ? message : `${message} (policy ${name})`;
      return { kind: "refuse", refusal: { status, message: text } };
    }
    const { requests, rewrite } = assessment;
    const decisions = requests.map((request) => this.#decide(judgement, request, enginePaths));
    const verdict = verdictOf(requests, decisions, rewrite !== undefined);
    // Before anything is said of it: a body that cannot be written is not what was decided.
    const body = judgement.mode === "enforce" && verdict.kind !== "deny" ? rewrite?.(verdict.changes) : undefined;
    if (requests.length === 0) this.#observe(judgement, { verdict: "allow", rules: [] });
    for (const [index, request] of requests.entries()) {
      const decision = decisions[index];
      if (decision !== undefined)
        this.#observe(judgement, {
          verdict: decision.verdict === "patch" && rewrite === undefined ? "deny" : decision.verdict,
          rules: rulesOf(decision, rewrite !== undefined),
          request,
          ...(decision.verdict === "patch" && { changes: decision.changes }),
          ...(decision.verdict !== "deny" &&
            decision.exemption !== undefined && { exemption: decision.exemption.reason }),
        });
    }
    const answer = answerOf(judgement, verdict, body);
    return answer.kind === "refuse" ? answer : { ...answer, ...byId(judgement, assessment.id) };
  }

  #decide({ call, snapshot }: Judgement, request: GuardRequest, enginePaths: readonly string[]): Decision {
    return this.#options.decide(request, snapshot.policy, {
      caller: call.caller,
      nowMs: this.#now(),
      strategies: snapshot.strategies,
      policySinceMs: snapshot.sinceMs,
      enginePaths,
      guardPaths: snapshot.guardPaths,
    });
  }

  #failed(judgement: Judgement, error: unknown): Answer {
    const { rule, status, message } = failureOf(error);
    const verdict = rule === "change-impossible" ? "deny" : "error";
    this.#observe(judgement, { verdict, rules: [rule], errorCode: codeOf(error) });
    if (judgement.mode !== "enforce") return UNCHANGED;
    return {
      kind: "refuse",
      refusal: { status, message: `${message} (policy ${judgement.snapshot.policy.name})` },
    };
  }

  #observe(judgement: Judgement, outcome: Outcome): void {
    const { call, route, mode, snapshot, startedAtMs } = judgement;
    this.#options.observer.decided({
      atMs: this.#now(),
      policy: snapshot.policy.name,
      mode,
      method: call.method,
      route: route.pattern,
      caller: call.caller,
      durationMs: performance.now() - startedAtMs,
      ...outcome,
    });
  }
}

type Outcome = Pick<
  Parameters<Observer["decided"]>[0],
  "verdict" | "rules" | "changes" | "request" | "exemption" | "errorCode"
>;

interface Judgement {
  readonly call: ApiCall;
  readonly route: Route;
  readonly snapshot: PolicySnapshot;
  readonly mode: Policy["mode"];
  readonly startedAtMs: number;
}

function hasMounts(assessment: Assessment): boolean {
  if (assessment.kind !== "judge") return false;
  return assessment.requests.some((request) => "container" in request && request.container.mounts.length > 0);
}

const UNCHANGED: Answer = { kind: "forward", warnings: [] };

function answerOf({ mode, snapshot }: Judgement, verdict: Verdict, body: Buffer | undefined): Answer {
  const { name } = snapshot.policy;
  if (verdict.kind === "deny") {
    if (mode === "enforce")
      return { kind: "refuse", refusal: { status: 403, message: refusalMessage(verdict.reasons, name) } };
    return { kind: "forward", warnings: mode === "warn" ? wouldRefuse(verdict.reasons, name) : [] };
  }
  const notes = verdict.notes.map(noteText);
  if (mode !== "enforce") {
    const changed = verdict.kind === "patch" ? [wouldChange(verdict.flags, name)] : [];
    return { kind: "forward", warnings: mode === "warn" ? [...changed, ...notes] : [] };
  }
  return {
    kind: "forward",
    warnings: notes,
    ...(body !== undefined && { body }),
    ...(verdict.kind === "patch" && { flags: verdict.flags }),
  };
}

/** Every route that names one container ends in one word after it. */
function byId({ call: { target }, mode }: Judgement, id: string | undefined): { readonly target?: ApiTarget } {
  const [first, last] = [target.parts[0], target.parts.at(-1)];
  if (id === undefined || mode !== "enforce" || first !== "containers" || last === undefined) return {};
  return { target: { ...target, parts: [first, id, last] } };
}

function rulesOf(decision: Decision, canRewrite: boolean): readonly string[] {
  const reasons = decision.verdict === "deny" ? decision.reasons : decision.notes;
  const own = decision.verdict !== "patch" ? [] : canRewrite ? ["patched"] : ["not-patchable"];
  return [...new Set([...own, ...reasons.map(({ rule }) => rule)])];
}

/** Never the message: it may quote the body. */
function codeOf(error: unknown): string {
  if (error instanceof PetrifyError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}

function failureOf(error: unknown): { readonly rule: string; readonly status: number; readonly message: string } {
  if (error instanceof PetrifyError && error.code === "E_REQUEST_BODY")
    return { rule: "body-unreadable", status: 400, message: `${error.message} ${error.hint ?? ""}`.trim() };
  // Nothing that the engine takes says what the policy wants.
  if (error instanceof PetrifyError && error.code === "E_REQUEST_CHANGE")
    return { rule: "change-impossible", status: 403, message: `${error.message} ${error.hint ?? ""}`.trim() };
  if (error instanceof PetrifyError)
    return {
      rule: "engine-unanswered",
      status: 503,
      message: `The guard could not look at what this is about, and lets nothing pass unseen: ${error.message}`,
    };
  return {
    rule: "internal",
    status: 500,
    message: "The guard could not judge this call, and lets nothing pass unjudged: a bug of Petrify.",
  };
}
