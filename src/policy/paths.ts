import { normalize } from "node:path/posix";
import { isWithin } from "../strategy/paths.ts";

/** Links that every distribution has (FHS 3.0, 3.15 and 5.11): two names of one place. */
const LINKS: readonly (readonly [link: string, target: string])[] = [
  ["/var/run", "/run"],
  ["/var/lock", "/run/lock"],
];
/** The host's root, or what may be any directory of it, through its processes (proc(5)). */
const THROUGH_PROCESS =
  /^\/proc\/(?:self|thread-self|\d+)(?:\/task\/\d+)?\/(?:root(?<rest>\/.*)?|cwd(?:\/.*)?|fd\/.*)$/;

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
  let clean = cleanPath(path);
  for (;;) {
    const through = THROUGH_PROCESS.exec(clean);
    if (through === null) return clean;
    clean = cleanPath(through.groups?.["rest"] ?? "/");
  }
}
