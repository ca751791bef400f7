import { isSelfContained } from "../learn/own-volume.ts";
import { PetrifyError } from "../model/errors.ts";
import type { ImageFacts } from "../model/image.ts";
import type { Policy } from "../model/policy.ts";
import type { Strategy } from "../model/strategy.ts";
import { NO_SETTINGS, type Workload } from "../model/workload.ts";
import { fitsWorkload, isVerified, repositoriesOf } from "../strategy/fit.ts";
import { isWithin } from "../strategy/paths.ts";
import type { Reason } from "./decision.ts";
import { cleanPath } from "./paths.ts";
import type { ContainerRequest } from "./request.ts";
import { plain, shown, toExempt } from "./wording.ts";

/** What a container gets to write to: a strategy, the template, or nothing at all because the policy wants a verified one. */
export interface StrategyChoice {
  /** Absent: the template. */
  readonly strategy?: Strategy;
  readonly refusal?: Reason;
  readonly notes: readonly Reason[];
}

/** Which strategy a container gets, and why it does not get another one. */
export function chooseStrategy(
  container: ContainerRequest,
  policy: Policy,
  strategies: readonly Strategy[],
): StrategyChoice {
  const { image } = container;
  if (policy.strategies === undefined) return { notes: [] };
  if (image === undefined)
    return { notes: [note("The template is used: nothing is known of the image.", "Pull the image first.")] };
  const judged = strategiesFor(container, strategies).map((strategy) => ({
    strategy,
    why: whyNot(strategy, container, image),
  }));
  const notes = judged.flatMap(({ strategy, why }) =>
    why === undefined
      ? []
      : [note(`The strategy ${strategy.name} is not used: ${why}`, "Learn this run with petrify learn.")],
  );
  const fitting = judged.filter(({ why }) => why === undefined).map(({ strategy }) => strategy);
  const verified = fitting.filter((strategy) => isVerified(strategy, image));
  const [only, second] = verified.length > 0 ? verified : fitting;
  if (only === undefined) return { notes };
  const { onUnknownDigest } = policy.strategies;
  const unverified = !verified.includes(only);
  if (unverified && onUnknownDigest === "refuse")
    return {
      notes,
      refusal: {
        rule: "unverified-strategy",
        sentence: `The strategy ${only.name} was not verified on the image ${shown(container.imageReference)}, and policy ${policy.name} refuses such images.`,
        remedy: `Run petrify verify on it, set strategies.onUnknownDigest to keep or template, or ${toExempt(policy, container)}.`,
      },
    };
  if (second !== undefined) {
    const names = fitting.map(({ name }) => name).join(", ");
    return {
      notes: [
        ...notes,
        note(
          `The template is used: several strategies fit (${names}).`,
          "Verify one of them on this image, or keep one.",
        ),
      ],
    };
  }
  if (!unverified) return { strategy: only, notes };
  return onUnknownDigest === "keep"
    ? {
        strategy: only,
        notes: [...notes, note(`The strategy ${only.name} is used, unverified on this image.`, "Run petrify verify.")],
      }
    : {
        notes: [
          ...notes,
          note(
            `The template is used: the strategy ${only.name} was not verified on this image.`,
            "Run petrify verify.",
          ),
        ],
      };
}

/** Those for the container's image, whatever its settings; none when nothing is known of the image. */
export function strategiesFor(
  { imageReference, image }: ContainerRequest,
  strategies: readonly Strategy[],
): readonly Strategy[] {
  if (image === undefined || strategies.length === 0) return [];
  const repositories = unlessNoName(() => repositoriesOf(imageReference, image)) ?? [];
  return strategies.filter(
    ({ fits, verifiedOn }) =>
      verifiedOn.includes(image.id) || repositories.some((repository) => fits.repositories.includes(repository)),
  );
}

/** Undefined when the reference is no image name, which fits nothing. */
function unlessNoName<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PetrifyError) return undefined;
    throw error;
  }
}

/** Why a strategy for this image cannot be used; undefined when it can. A sentence. */
function whyNot(strategy: Strategy, container: ContainerRequest, image: ImageFacts): string | undefined {
  if (strategy.readOnlyPaths !== undefined)
    return "It seals single paths, and the policy wants the whole root read-only.";
  const fit = unlessNoName(() => fitsWorkload(strategy, workloadOf(container), image));
  // The reason quotes what the client wrote.
  if (fit?.fits !== true) return fit === undefined ? "The image has no name." : plain(fit.reason);
  const given = container.mounts.map(({ target }) => cleanPath(target));
  const isGiven = (path: string) => given.some((target) => isWithin(cleanPath(path), target));
  const bind = strategy.entries.find((entry) => entry.kind === "bind" && !given.includes(cleanPath(entry.path)));
  if (bind !== undefined) return `It was learned with a bind mount on ${bind.path}, which this run does not have.`;
  const led = strategy.entries.find(
    (entry) => entry.kind === "volume" && !isSelfContained(entry) && !isGiven(entry.path),
  );
  return led === undefined
    ? undefined
    : `It has a volume driver or its options on ${led.path}, which may lead anywhere: mount that yourself.`;
}

/** Only what a strategy fits by. */
function workloadOf({ imageReference, entrypoint, command, user, workingDir }: ContainerRequest): Workload {
  return {
    ...NO_SETTINGS,
    name: "asked",
    image: imageReference,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
    ...(user === undefined ? {} : { user }),
    ...(workingDir === undefined ? {} : { workingDir }),
  };
}

function note(sentence: string, remedy: string): Reason {
  return { rule: "strategy", sentence, remedy };
}
