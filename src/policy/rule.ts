import type { Policy } from "../model/policy.ts";
import type { Circumstances } from "./decide.ts";
import type { Reason } from "./decision.ts";
import type { ContainerRequest } from "./request.ts";

/** What a rule judges: nobody exempt. */
export interface Subject {
  readonly container: ContainerRequest;
  readonly policy: Policy;
  readonly circumstances: Circumstances;
  /** The engine has it already: nothing can be changed any more. */
  readonly exists: boolean;
}

export interface Finding {
  /** Else it is only told. */
  readonly refuse: boolean;
  readonly sentence: string;
  readonly remedy: string;
}

/** One thing that a policy says of containers. */
export interface PolicyRule {
  /** Kebab-case; never another meaning. */
  readonly name: string;
  readonly check: (subject: Subject) => Finding | undefined;
}

export interface Judgement {
  readonly refusals: readonly Reason[];
  readonly notes: readonly Reason[];
}

/** All rules together, so that a refusal names everything at once. */
export function judge(rules: readonly PolicyRule[], subject: Subject): Judgement {
  const found = rules.flatMap(({ name, check }) => {
    const finding = check(subject);
    if (finding === undefined) return [];
    const { refuse, sentence, remedy } = finding;
    return [{ refuse, reason: { rule: name, sentence, remedy } }];
  });
  return {
    refusals: found.filter(({ refuse }) => refuse).map(({ reason }) => reason),
    notes: found.filter(({ refuse }) => !refuse).map(({ reason }) => reason),
  };
}
