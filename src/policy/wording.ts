import { quoteForTerminal } from "../model/quote.ts";
import type { Policy } from "../model/policy.ts";
import type { ContainerRequest } from "./request.ts";

const LONGEST = 200;
const MOST = 5;

/** What a client wrote, for a sentence: on one line, in quotes, not too long, and without what steers a terminal. */
export function shown(text: string): string {
  return `'${plain(text)}'`;
}

/** The same without quotes. */
export function plain(text: string): string {
  return quoteForTerminal(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

/** `a, b and 3 more`: the same of several. */
export function listed(texts: readonly string[]): string {
  const first = texts.slice(0, MOST).map(shown).join(", ");
  return texts.length > MOST ? `${first} and ${texts.length - MOST} more` : first;
}

/** How to exempt: the line to write into the policy. By image id, because that holds against anyone. */
export function toExempt(policy: Policy, who: ContainerRequest | Asker): string {
  return exempt(policy, `in policy ${policy.name}`, who);
}

/** Who asks for what is no container. */
export interface Asker {
  /** Absent: the enforcement point does not know, and no exemption by uid holds there. */
  readonly uid?: number;
}

function exempt(policy: Policy, where: string, who: ContainerRequest | Asker): string {
  if (!("imageReference" in who))
    return who.uid === undefined
      ? `let a caller do it, on the guarded socket, whose uid is exempt ${where}`
      : `exempt the caller ${where} (${exemptionLine(policy, `callerUid: ${who.uid}`)})`;
  const container = who;
  const id = container.image?.id;
  const image = id === undefined ? "ID-OF-ITS-IMAGE" : quoteForTerminal(id.slice(0, LONGEST));
  return `exempt its image ${where} (${exemptionLine(policy, `imageId: "${image}"`)})`;
}

/** Valid YAML where it is to be written, but for the end, which is for people to choose. */
function exemptionLine({ exemptions }: Policy, who: string): string {
  const one = `{${who}, reason: why, until: YYYY-MM-DD}`;
  return exemptions.length === 0 ? `exemptions: [${one}]` : `below exemptions: - ${one}`;
}

/** How to take a rule out of the policy, or exempt from it. */
export function toAllow(policy: Policy, setting: string, who: ContainerRequest | Asker): string {
  return `set ${setting} in policy ${policy.name}, or ${exempt(policy, "there", who)}.`;
}
