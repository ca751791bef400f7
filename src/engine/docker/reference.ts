import { PetrifyError } from "../../model/errors.ts";

/**
 * Image references as the registry project defines them (distribution/reference, regexp.go):
 * `[domain/]path[:tag][@digest]`, or an image id. A name that does not fit is refused here, so that no other text
 * ever becomes part of a request's path.
 */
const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const REFERENCE = new RegExp(
  `^(?<name>(?:${DOMAIN}/)?${PART}(?:/${PART})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$`,
);
const IMAGE_ID = /^(?:sha256:[0-9a-f]{64}|[0-9a-f]{64})$/;
/** distribution/reference NameTotalLengthMax. */
const NAME_LIMIT_CHARS = 255;

export interface ImageReference {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** The text is an image id: it can be inspected, not pulled. */
  readonly isId: boolean;
}

/** The parts of an image reference. Throws E_IMAGE_REFERENCE. */
export function parseReference(text: string): ImageReference {
  if (IMAGE_ID.test(text)) return { name: text, tag: undefined, digest: undefined, isId: true };
  const groups = REFERENCE.exec(text)?.groups;
  const name = groups?.["name"];
  if (name === undefined || name.length > NAME_LIMIT_CHARS)
    throw new PetrifyError("E_IMAGE_REFERENCE", `'${text.slice(0, 200)}' is not the name of an image.`, {
      hint: /[A-Z]/.test(text)
        ? "Names of images are lower case."
        : "Write it like nginx:1.27 or registry.example/team/app@sha256:...",
    });
  return { name, tag: groups?.["tag"], digest: groups?.["digest"], isId: false };
}

/** Host of the registry that serves this reference; `docker.io` when none is named. */
export function registryOf(reference: ImageReference): string {
  const first = reference.name.split("/")[0] ?? "";
  const isDomain = reference.name.includes("/") && (/[.:]/.test(first) || first === "localhost" || /[A-Z]/.test(first));
  return isDomain ? first : "docker.io";
}
