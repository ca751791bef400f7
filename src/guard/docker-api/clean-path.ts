import { normalize } from "node:path/posix";
import { bodyError } from "./go-json/body-error.ts";

/** A path within a container as Go's path.Clean gives it. Throws E_REQUEST_BODY unless it is absolute and below `/`. */
export function cleanTarget(path: string, where: string): string {
  if (!path.startsWith("/")) throw bodyError(where, "must be an absolute path");
  // Two slashes at the start have a meaning of their own to POSIX, and none to Go.
  const clean = normalize(path.replace(/^\/+/, "/")).replace(/(.)\/$/, "$1");
  if (clean === "/") throw bodyError(where, "must not be the root of the container");
  return clean;
}
