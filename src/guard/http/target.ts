import type { ApiTarget } from "../api-call.ts";
import { malformed } from "./http-refusal.ts";
import { parseQuery, writeQuery } from "./query.ts";
import { percentDecode, percentEncode } from "./percent.ts";

const NUMBER = "(?:0|[1-9][0-9]{0,5})";
const DOCKER_VERSION = new RegExp(`^v(${NUMBER}\\.${NUMBER})$`);
const LIBPOD_VERSION = new RegExp(`^v(${NUMBER}\\.${NUMBER}(?:\\.${NUMBER})?)$`);
/** What an engine may take for a version: `/v{version:[0-9.]+}` (moby), `/v{version:[0-9][0-9A-Za-z.-]*}` (Podman). */
const LIKE_VERSION = /^v[0-9.]/i;
/** Where names have slashes: `/images/registry.example/shop:1/json`. Podman's clients send them encoded. */
const WITH_SLASHES = new Set(["images", "distribution", "manifests", "plugins", "artifacts"]);
/** RFC 3986, pchar, but `;`, which some take for the start of parameters. */
const PLAIN_IN_PATH = /[A-Za-z0-9._~!$&'()*+,=:@-]/;

/**
 * A request target of origin form, read as Go's net/url and gorilla's mux read it; `writeTarget` gives the one spelling that goes to
 * the engine. Throws HttpRefusal for what they would clean, redirect or read in more than one way.
 */
export function parseTarget(target: string): ApiTarget {
  if (!/^[!-~]*$/.test(target)) throw malformed("The path has characters that must be percent-encoded.");
  if (target.includes("#")) throw malformed("The path has a fragment.");
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const [version, libpod, parts] = withoutPrefix(pathParts(path));
  return {
    ...(version !== undefined && { version }),
    libpod,
    parts,
    query: mark === -1 ? [] : parseQuery(target.slice(mark + 1)),
  };
}

/** The one spelling; `parseTarget` of it gives the same target. */
export function writeTarget({ version, libpod, parts, query }: ApiTarget): string {
  const prefix = [...(version === undefined ? [] : [`v${version}`]), ...(libpod ? ["libpod"] : [])];
  const path = [...prefix, ...parts].map((part) => percentEncode(part, PLAIN_IN_PATH)).join("/");
  return `/${path}${query.length === 0 ? "" : `?${writeQuery(query)}`}`;
}

function pathParts(path: string): readonly string[] {
  if (!path.startsWith("/")) throw malformed("The path does not begin with a slash.");
  if (path === "/") return [];
  return path
    .slice(1)
    .split("/")
    .flatMap((raw, index, all) => {
      const part = percentDecode(raw, "path");
      const pieces = part.split("/");
      if (pieces.length > 1 && !all.slice(0, index).some((earlier) => WITH_SLASHES.has(earlier)))
        throw malformed("The path has an encoded slash.");
      return pieces;
    })
    .map((part) => checkPart(part));
}

function checkPart(part: string): string {
  if (part === "") throw malformed("The path has an empty part.");
  if (part === "." || part === "..") throw malformed("The path has `.` or `..`.");
  if (/[\\;?#]/.test(part)) throw malformed("The path has a backslash, semicolon, question mark or number sign.");
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(part)) throw malformed("The path has a character that cannot be shown.");
  return part;
}

function withoutPrefix(
  parts: readonly string[],
): [version: string | undefined, libpod: boolean, parts: readonly string[]] {
  const [first = ""] = parts;
  if (!LIKE_VERSION.test(first)) {
    const libpod = first === "libpod";
    return [undefined, libpod, libpod ? parts.slice(1) : parts];
  }
  const libpod = parts[1] === "libpod";
  const version = (libpod ? LIBPOD_VERSION : DOCKER_VERSION).exec(first)?.[1];
  if (version === undefined)
    throw malformed("The path begins with something like a version of the API, but not `v1.41`.");
  return [version, libpod, parts.slice(libpod ? 2 : 1)];
}
