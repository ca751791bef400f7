import { PetrifyError } from "../model/errors.ts";
import { printable } from "./printable.ts";

/** An image reference, read as Docker reads it. */
export interface ImageReference {
  /** Registry host, with its port. */
  readonly domain: string;
  readonly path: string;
  /** `domain/path`: what is left when tag and digest go. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * The grammar of github.com/distribution/reference (reference.go, regexp.go). Lengths are checked before any pattern runs, and no
 * pattern can match one text in two ways, so hostile text costs nothing.
 */
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const DOMAIN =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-zA-Z][a-zA-Z0-9]*(?:[-_+.][a-zA-Z][a-zA-Z0-9]*)*:[0-9a-fA-F]{32,}$/;
const IMAGE_ID = /^(?:sha256:)?[0-9a-f]{64}$/;
const NAME_LENGTH = 255;
const REFERENCE_LENGTH = 1024;

/** Whether `text` is an image id, which names no repository. */
export function isImageId(text: string): boolean {
  return text.length <= REFERENCE_LENGTH && IMAGE_ID.test(text);
}

/** Parses a reference; `nginx` is `docker.io/library/nginx`. Throws E_IMAGE_REFERENCE. */
export function parseReference(text: string): ImageReference {
  if (text.length > REFERENCE_LENGTH || isImageId(text)) throw invalid(text);
  const [named = "", digest, ...more] = text.split("@");
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) throw invalid(text);
  // A colon after the last slash starts the tag; before it, it is a port.
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text);
  const { domain, path } = splitDomain(colon === -1 ? named : named.slice(0, colon));
  const repository = `${domain}/${path}`;
  if (repository.length > NAME_LENGTH || !DOMAIN.test(domain) || !path.split("/").every((part) => PATH_PART.test(part)))
    throw invalid(text);
  return {
    domain,
    path,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The same; undefined for what is no image name. */
export function tryParseReference(text: string): ReturnType<typeof parseReference> | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof PetrifyError) return undefined;
    throw error;
  }
}

/** Registry and path of a name without tag and digest; `nginx` is `docker.io` and `library/nginx`. Nothing is checked. */
export function splitDomain(name: string): { readonly domain: string; readonly path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isDomain = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const domain = slash !== -1 && isDomain ? first : "docker.io";
  const path = slash !== -1 && isDomain ? name.slice(slash + 1) : name;
  const isHub = domain === "docker.io" || domain === "index.docker.io";
  if (!isHub) return { domain, path };
  return { domain: "docker.io", path: path.includes("/") ? path : `library/${path}` };
}

function invalid(text: string): PetrifyError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new PetrifyError("E_IMAGE_REFERENCE", `'${printable(shown)}' is not an image name.`, {
    hint: "Write it like nginx, nginx:1.27 or registry.example.com:5000/team/app@sha256:…; repository names are lower case.",
  });
}
