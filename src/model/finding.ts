/** How much a finding matters, most first: `high` undoes what a read-only root is for, `low` is hardening beside it. */
export type Severity = "high" | "medium" | "low";

/** A place in a text; both from 1, columns in UTF-16 units. */
export interface Location {
  readonly line: number;
  readonly column: number;
  /** Column behind the last character, on the same line. */
  readonly endColumn?: number;
  /** The file, where it is another one than the source: an override, or one that is extended. */
  readonly file?: string;
}

/** Where a container was found. */
export interface AuditSource {
  readonly kind: InputKind;
  /** The file as it was named, `-` for standard input, or the engine: `docker (context prod)`. */
  readonly name: string;
  /** Of rendered text: the template that a part of it comes from, as the tool that rendered it says. */
  readonly template?: string;
}

/** What is audited, recognised by content. */
export type InputKind =
  | "engine"
  | "image"
  | "compose"
  | "swarm"
  | "kubernetes"
  | "quadlet"
  | "ecs"
  | "command"
  | "dockerfile";

/** One result of an audit. */
export interface Finding {
  /** Id of the rule: `read-only-root`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly source: AuditSource;
  /** What it is about: `web`, `Deployment shop/web`. */
  readonly workload: string;
  /** Of a pod: the container. */
  readonly container?: string;
  /** One sentence: what is so, not what should be. */
  readonly message: string;
  /** What to do about it here. */
  readonly fix: string;
  readonly at?: Location;
  /** Stays the same when lines move: of the rule, the source's name, the workload, and what the rule distinguishes. */
  readonly fingerprint: string;
}

/** What could not be audited: a broken file, an engine that does not answer. The rest goes on. */
export interface AuditProblem {
  readonly source: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly at?: Location;
}

/** What a reader should know and nobody has to act on at once: an exception that has run out, a baseline that can shrink. */
export interface AuditNote {
  readonly source: string;
  readonly message: string;
  readonly at?: Location;
}

/** Most first. */
export const SEVERITIES: readonly Severity[] = ["high", "medium", "low"];
