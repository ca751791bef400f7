import { normalize } from "node:path/posix";
import { isWithin } from "../strategy/paths.ts";

/** Links that every distribution has (FHS 3.0, 3.15 and 5.11): two names of one place. */
const LINKS: readonly (readonly [link: string, target: string])[] = [
  ["/var/run", "/run"],
  ["/var/lock", "/run/lock"],
];
/** The host's root through one of its processes (proc(5)); once after another. */
const ROOT_OF_PROCESS = /\/proc\/(?:self|thread-self|\d+)(?:\/task\/\d+)?\/root(?=\/|$)/y;
/** What may be any place of it. */
const THROUGH_PROCESS = /^\/proc\/(?:self|thread-self|\d+)(?:\/task\/\d+)?\/(?:cwd(?:\/.*)?|fd\/.*)$/;

/** The one spelling of an absolute path: cleaned as Go's path.Clean does, without a slash at its end, `/run` for `/var/run`. */
export function cleanPath(path: string): string {
  // Two slashes at the start are one to Linux, and POSIX lets them mean something else.
  const clean = normalize(`/${path}`)
    .replace(/^\/+/, "/")
    .replace(/(?<=.)\/$/, "");
  const link = LINKS.find(([from]) => isWithin(clean, from));
  return link === undefined ? clean : link[1] + clean.slice(link[0].length);
}

/** PATH_MAX of Linux: no call takes a longer one. */
const LONGEST = 4096;

/** The same for a path of the host, also through `/proc/1/root`; what may lead anywhere is `/`. */
export function cleanHostPath(path: string): string {
  if (path.length > LONGEST) return "/";
  const clean = cleanPath(path);
  // One pass, however often a client writes it.
  let at = 0;
  for (;;) {
    ROOT_OF_PROCESS.lastIndex = at;
    if (!ROOT_OF_PROCESS.test(clean)) break;
    at = ROOT_OF_PROCESS.lastIndex;
  }
  const rest = clean.slice(at);
  return THROUGH_PROCESS.test(rest) ? "/" : cleanPath(rest);
}
