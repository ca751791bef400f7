import type { RefusedEntry } from "../../model/strategy.ts";

/** Writes that are refused whatever the evidence, because nothing is lost by it or because they belong into the image. First match wins. */
export interface DenyRule {
  readonly matches: RegExp;
  readonly kind: RefusedEntry["kind"];
  /** Whoever reads it back can do without: it is made anew, or the engine's. */
  readonly isRemade?: true;
  /** Follows "who writes this: ". */
  readonly reason: string;
}

/** Accounts, with the backups, locks and temporary names of the programs that edit them (shadow's lib/commonio.c, busybox' libbb/update_passwd.c). */
export const ACCOUNT_FILES = /^\/etc\/(?:(?:passwd|group|shadow|gshadow|subuid|subgid)(?:$|[-+._].*)|\.pwd\.lock$)/;

export const DENY_RULES: readonly DenyRule[] = [
  {
    // importlib._bootstrap_external.SourceFileLoader.set_data swallows the failed write.
    matches: /\/__pycache__(?=\/|$)|\.py[co](?:\.[^/]*)?$/,
    kind: "deny",
    isRemade: true,
    reason: "Python keeps compiled code beside its source and runs as well without",
  },
  {
    // Docker and Podman bind these three and make them read-only with the root (moby daemon/container_unix.go).
    matches: /^\/etc\/(?:hosts|hostname|resolv\.conf)$/,
    kind: "deny",
    isRemade: true,
    reason: "the engine writes this file itself; use its settings for hosts, names and DNS",
  },
  {
    matches: ACCOUNT_FILES,
    kind: "image",
    reason: "accounts belong into the image",
  },
  {
    matches: /^\/etc\/ld\.so\.cache~?$|^\/var\/cache\/ldconfig(?=\/|$)/,
    kind: "deny",
    isRemade: true,
    reason: "the dynamic linker's cache belongs into the image, and programs start without it",
  },
  {
    matches: /^\/etc\/(?:mtab|localtime|timezone|adjtime)(?:$|[.~].*)/,
    kind: "deny",
    reason: "a setting of the host, not of a service",
  },
  {
    matches:
      /\/\.(?:bash|ash|sh|zsh|python|node_repl|psql|mysql|sqlite|rediscli|lesshst)_?(?:history|hst)?(?:$|[-.].*)|\/\.(?:lesshst|viminfo|wget-hsts|rnd)$/,
    kind: "deny",
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
