import { normalize } from "node:path/posix";
import { bodyError } from "../go-json/body-error.ts";
import { shown } from "../go-json/parse.ts";

/** As Go's path.Clean: no `.`, `..` of what is there, double or last slash; `.` for nothing. */
export function cleanPath(path: string): string {
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/**
 * Where something is mounted, clean and absolute. dockerd takes `\\x` for absolute, which a Linux container does not; the root it
 * refuses for all but anonymous volumes. Both are refused. Throws E_REQUEST_BODY.
 */
export function mountTarget(path: string, where: string): string {
  if (!path.startsWith("/")) throw bodyError(where, `must name an absolute path, but names ${shown(path)}`);
  if (cleanPath(path.replaceAll("\\", "/")) === "/")
    throw bodyError(where, `must not name the container's root, but names ${shown(path)}`);
  return cleanPath(path);
}

/** dockerd takes a relative one from its own working directory, the root. */
export function devicePath(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
