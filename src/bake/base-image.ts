import type { ImageFacts } from "../model/image.ts";
import type { Workload } from "../model/workload.ts";
import { isImageId, parseReference, tryParseReference } from "../strategy/reference.ts";

/** How a Dockerfile names exactly this image: by the digest under which a registry has it, else by its id. */
export function pinnedName(reference: string, { id, repoDigests }: ImageFacts): string {
  const known = repoDigests.filter((text) => tryParseReference(text)?.digest !== undefined);
  const repository = tryParseReference(reference)?.repository;
  return known.find((text) => tryParseReference(text)?.repository === repository) ?? known[0] ?? id;
}

/** `app:1` -> `app:1-baked`; an image that is named by its id gets the workload's name. */
export function bakedName({ image, name }: Workload): string {
  if (isImageId(image)) return `${name}:baked`;
  const { tag = "latest" } = parseReference(image);
  const repository = image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  return `${repository}:${tag.slice(0, LONGEST_TAG - SUFFIX.length)}${SUFFIX}`;
}
const SUFFIX = "-baked";
const LONGEST_TAG = 128;

/** The values that a strategy leaves out. */
export function environmentOf({ env }: Workload): Readonly<Record<string, string>> {
  return Object.fromEntries(
    env.map((variable) => {
      const [name = ""] = variable.split("=", 1);
      return [name, variable.slice(name.length + 1)];
    }),
  );
}
