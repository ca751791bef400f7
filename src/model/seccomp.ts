/** What a security option says of seccomp: a word of the engine, the path of a profile, or the profile itself. */
export interface Seccomp {
  readonly kind: "word" | "file" | "text";
  readonly value: string;
}

/**
 * Reads `seccomp=...` as the docker command does (docker/cli opts parseSecurityOpts); a container that exists tells the text of
 * its profile instead of the path. Undefined for other security options.
 */
export function seccompOf(option: string): Seccomp | undefined {
  const value = /^seccomp[=:](.*)$/s.exec(option)?.[1];
  if (value === undefined) return undefined;
  if (value === "unconfined" || value === "builtin") return { kind: "word", value };
  return { kind: value.startsWith("{") ? "text" : "file", value };
}
