import { PetrifyError } from "../model/errors.ts";

/** Major and minor version of a program. */
export type Version = readonly [major: number, minor: number];

/** `1.34`, `v1.34.2` or `4.9.4-rhel`. Throws E_USAGE. */
export function parseVersion(text: string): Version {
  const match = /^v?(\d{1,4})\.(\d{1,4})(?:[.+-][\w.+-]*)?$/.exec(text);
  if (match === null) throw new PetrifyError("E_USAGE", `'${text}' is not a version.`, { hint: "Write it like 1.34." });
  return [Number(match[1]), Number(match[2])];
}

export function isAtLeast([major, minor]: Version, [leastMajor, leastMinor]: Version): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

export function versionText([major, minor]: Version): string {
  return `${major}.${minor}`;
}
