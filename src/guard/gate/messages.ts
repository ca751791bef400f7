import { quoteForTerminal } from "../../model/quote.ts";
import type { Reason } from "../../policy/decision.ts";

/** A terminal shows this much without scrolling. */
const SHOWN_REASONS = 8;
const SENTENCE_LIMIT_CHARS = 500;

/** For the user's terminal: each reason with the way to allow it, and at the end the policy that says so. */
export function refusalMessage(reasons: readonly Reason[], policyName: string): string {
  const lines = reasons
    .slice(0, SHOWN_REASONS)
    .map(({ sentence, remedy }) => `${shown(sentence)} ${shown(remedy)}`.trim());
  const more = reasons.length > SHOWN_REASONS ? [`- and ${reasons.length - SHOWN_REASONS} more`] : [];
  if (lines.length === 1) return `${lines[0]} (policy ${policyName})`;
  return [
    `refused for ${reasons.length} reasons:`,
    ...lines.map((line) => `- ${line}`),
    ...more,
    `(policy ${policyName})`,
  ].join("\n");
}

/** Of a request that would have to be changed, where nothing can be changed. */
export function unchangeable(flags: readonly string[], action: string): Reason {
  const needed = flags.length === 0 ? "" : `: ${flags.join(" ")}`;
  if (action === "start")
    return {
      rule: "start-as-made",
      sentence: `The container was made without what the policy asks for${needed}.`,
      remedy: "Remove it and make it again.",
    };
  return {
    rule: "add-flags",
    sentence: "The container lacks what the policy asks for.",
    remedy: flags.length === 0 ? "Ask whoever wrote the policy." : `Add: ${flags.join(" ")}`,
  };
}

/** What a mode that changes nothing says instead of refusing or changing: all that the refusal would say, while there is time. */
export function wouldRefuse(reasons: readonly Reason[], policyName: string): readonly string[] {
  return reasons.map(({ sentence, remedy }) =>
    `would be refused by the policy ${policyName}: ${shown(sentence)} ${shown(remedy)}`.trim(),
  );
}

export function wouldChange(flags: readonly string[], policyName: string): string {
  return `would be changed by the policy ${policyName}, as with: ${flags.join(" ")}`;
}

export function noteText({ sentence }: Reason): string {
  return shown(sentence);
}

function shown(text: string): string {
  const short = text.length > SENTENCE_LIMIT_CHARS ? `${text.slice(0, SENTENCE_LIMIT_CHARS)}...` : text;
  return quoteForTerminal(short);
}
