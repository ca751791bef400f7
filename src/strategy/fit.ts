import type { ImageFacts, ImageNames } from "../model/image.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { compareText } from "./paths.ts";
import { isImageId, parseReference, tryParseReference } from "./reference.ts";

/** Settings that decide what an image writes; a strategy fits only those it was learned with. */
const SETTINGS = ["entrypoint", "command", "user", "workingDir"] as const;

export interface Fit {
  readonly fits: boolean;
  /** One sentence, for people. */
  readonly reason: string;
}

/** Whether the strategy was learned for this image and these settings. Throws E_IMAGE_REFERENCE. */
export function fitsWorkload(strategy: Strategy, workload: Workload, image: ImageFacts): Fit {
  const { fits } = strategy;
  const wanted = repositoriesOf(workload.image, image);
  const isById = strategy.verifiedOn.includes(image.id);
  if (!isById && !wanted.some((repository) => fits.repositories.includes(repository)))
    return {
      fits: false,
      reason: `It was learned for ${fits.repositories.join(", ") || "an image without a name"}, not for ${workload.image}.`,
    };
  for (const setting of SETTINGS) {
    const [learned, asked] = [show(strategy.workload[setting]), show(workload[setting])];
    if (learned !== asked)
      return {
        fits: false,
        reason: `It was learned with ${learned ?? "the image's own"} as ${setting}, not with ${asked ?? "the image's own"}.`,
      };
  }
  return { fits: true, reason: "It was learned for this image with these settings." };
}

function show(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** Whether `verify` succeeded on exactly this image. */
export function isVerified(strategy: Strategy, image: ImageFacts): boolean {
  return isVerifiedOn(strategy, [image.id, ...image.repoDigests]);
}

/** The same by the image's id and repository digests. */
export function isVerifiedOn(strategy: Strategy, names: readonly string[]): boolean {
  const digests = new Set(names.map(normalizedDigest));
  return strategy.verifiedOn.some((verified) => digests.has(normalizedDigest(verified)));
}

function normalizedDigest(text: string): string {
  const parsed = tryParseReference(text);
  return parsed?.digest === undefined ? text : `${parsed.repository}@${parsed.digest}`;
}

/** Repositories that a reference stands for: its own, or those of the image when it is an image id, whole or shortened. Throws E_IMAGE_REFERENCE. */
export function repositoriesOf(reference: string, image: ImageNames): readonly string[] {
  if (!isImageId(reference) && !isShortId(reference, image)) return [parseReference(reference).repository];
  const names = [...image.repoTags, ...image.repoDigests].flatMap((name) => tryParseReference(name)?.repository ?? []);
  return [...new Set(names)].toSorted(compareText);
}

function isShortId(reference: string, image: ImageNames): boolean {
  const hex = image.id.replace(/^sha256:/, "");
  if (!/^[0-9a-f]{4,64}$/.test(reference) || !hex.startsWith(reference)) return false;
  // A repository may have a name of hexadecimal digits: its tag on the image tells.
  const { repository } = parseReference(reference);
  return !image.repoTags.some((tag) => tryParseReference(tag)?.repository === repository);
}
