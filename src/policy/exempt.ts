import type { Exemption, ExemptionSubject, Policy } from "../model/policy.ts";
import { splitDomain, tryParseReference } from "../strategy/reference.ts";
import type { Caller, ContainerRequest } from "./request.ts";
import { matchesWildcard } from "./wildcard.ts";

/** The fields of an exemption that say whom it exempts, as the file writes them. */
export const SUBJECTS = ["imageId", "callerUid", "namespace", "label", "name", "tag"] as const;
type By = ExemptionSubject["by"];
/** What a client chooses freely: such exemptions hold only where clients cooperate. */
export const BY_CLIENT: ReadonlySet<By> = new Set<By>(["label", "name", "tag"]);

export interface Exempt {
  /** The first that holds. */
  readonly exemption?: Exemption;
  /** Those that would be it but for their expiry. */
  readonly expired: readonly Exemption[];
}

/** Whether an exemption of the policy holds now; without a container only those by caller can. */
export function exemptionFor(
  { exemptions, trust }: Pick<Policy, "exemptions" | "trust">,
  container: ContainerRequest | undefined,
  { caller, nowMs }: { readonly caller: Caller; readonly nowMs: number },
): Exempt {
  const matching = exemptions.filter(
    ({ who }) => (trust === "cooperative" || !BY_CLIENT.has(who.by)) && meaningOf(who).means(who, container, caller),
  );
  const holding = matching.find(({ untilMs }) => nowMs < untilMs);
  return {
    ...(holding === undefined ? {} : { exemption: holding }),
    expired: matching.filter(({ untilMs }) => nowMs >= untilMs),
  };
}

interface Meaning<B extends By> {
  /** Nothing but the caller is known of what is no container. */
  readonly means: (
    who: Extract<ExemptionSubject, { readonly by: B }>,
    container: ContainerRequest | undefined,
    caller: Caller,
  ) => boolean;
  /** As the file writes it. */
  readonly value: (who: Extract<ExemptionSubject, { readonly by: B }>) => string;
}

const MEANINGS: { readonly [B in By]: Meaning<B> } = {
  imageId: {
    means: ({ imageId }, container) => container?.image?.id === imageId,
    value: ({ imageId }) => imageId,
  },
  callerUid: { means: ({ uid }, _container, caller) => caller.uid === uid, value: ({ uid }) => `${uid}` },
  namespace: {
    means: ({ namespace }, container) => container?.namespace === namespace,
    value: ({ namespace }) => namespace,
  },
  label: {
    means: ({ label, value }, container) =>
      container !== undefined &&
      Object.hasOwn(container.labels, label) &&
      (value === undefined || container.labels[label] === value),
    value: ({ label, value }) => (value === undefined ? label : `${label}=${value}`),
  },
  name: {
    // Engines write it with a slash before it.
    means: ({ name }, container) =>
      container?.name !== undefined && matchesWildcard(name, container.name.replace(/^\//, "")),
    value: ({ name }) => name,
  },
  tag: {
    means: ({ tag }, container) =>
      container !== undefined && tagsOf(container).some((other) => matchesWildcard(tag, other)),
    value: ({ tag }) => tag,
  },
};

/** The compiler does not see that a subject goes to the entry of its own kind. */
function meaningOf({ by }: ExemptionSubject): Meaning<By> {
  return MEANINGS[by] as Meaning<By>;
}

/** The tag that the client named; those of the image when it named it by id. */
function tagsOf({ imageReference, image }: ContainerRequest): readonly string[] {
  const named = tryParseReference(imageReference);
  if (named !== undefined) {
    const { repository, tag, digest } = named;
    return tag === undefined && digest !== undefined ? [] : [`${repository}:${tag ?? "latest"}`];
  }
  return (image?.repoTags ?? []).map(normalTag);
}

/** `nginx:1` as `docker.io/library/nginx:1`, also with `*` in it. */
export function normalTag(text: string): string {
  const colon = text.lastIndexOf(":");
  const { domain, path } = splitDomain(text.slice(0, colon));
  return `${domain}/${path}${text.slice(colon)}`;
}

/** `imageId: sha256:…`: whom an exemption exempts, as the file writes it. */
export function subjectText(who: ExemptionSubject): string {
  return `${who.by}: ${meaningOf(who).value(who)}`;
}
