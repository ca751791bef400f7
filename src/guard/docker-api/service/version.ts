/**
 * Whether the engine keeps what came with API 1.`minor`: a request that names an older version loses it without a word, and one that
 * names none may go to an older engine (moby daemon/server/router/swarm/helpers.go, adjustForAPIVersion).
 */
export function atLeast(version: string | undefined, minor: number): boolean {
  const [, told] = /^1\.(\d+)$/.exec(version ?? "") ?? [];
  return told !== undefined && Number(told) >= minor;
}
