/** Writes that are refused on purpose, because nothing is lost by it or because they belong into the image. First match wins. */
export interface DenyRule {
  readonly matches: RegExp;
  /** Follows "who writes this: ". */
  readonly reason: string;
}

export const DENY_RULES: readonly DenyRule[] = [
  {
    // importlib._bootstrap_external.SourceFileLoader.set_data swallows the failed write.
    matches: /\/__pycache__(?=\/|$)|\.py[co](?:\.[^/]*)?$/,
    reason: "Python keeps compiled code beside its source and runs as well without",
  },
  {
    // Docker and Podman bind these three and make them read-only with the root (moby daemon/container_unix.go).
    matches: /^\/etc\/(?:hosts|hostname|resolv\.conf)$/,
    reason: "the engine writes this file itself; use its settings for hosts, names and DNS",
  },
  {
    matches: /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)(?:$|[-+._].*)/,
    reason: "accounts belong into the image",
  },
  {
    matches: /^\/etc\/ld\.so\.cache~?$|^\/var\/cache\/ldconfig(?=\/|$)/,
    reason: "the dynamic linker's cache belongs into the image, and programs start without it",
  },
  {
    matches: /^\/etc\/(?:mtab|localtime|timezone|adjtime)(?:$|[.~].*)/,
    reason: "a setting of the host, not of a service",
  },
  {
    matches:
      /\/\.(?:bash|ash|sh|zsh|python|node_repl|psql|mysql|sqlite|rediscli|lesshst)_?(?:history|hst)?(?:$|[-.].*)|\/\.(?:lesshst|viminfo|wget-hsts|rnd)$/,
    reason: "the history of an interactive tool, which works without",
  },
];

/** The rule that refuses writes at `path`, with the path the refusal stands for: the whole `__pycache__`, not each file in it. */
export function denyRule(path: string): { readonly path: string; readonly rule: DenyRule } | undefined {
  for (const rule of DENY_RULES) {
    const match = rule.matches.exec(path);
    if (match === null) continue;
    return { path: path.slice(0, match.index + match[0].length), rule };
  }
  return undefined;
}
