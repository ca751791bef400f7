/** What becomes of a decision: it is only logged, also told to the caller, or carried out. */
export type PolicyMode = "audit" | "warn" | "enforce";
/** What becomes of an act that changes containers or images in place. */
export type ProductionRule = "allow" | "warn" | "deny";

/** `ReadOnlyPolicy`: who must be read-only, who is exempt and until when, what is refused. The same for each enforcement point. */
export interface Policy {
  /** `[a-z0-9._-]`, named in each refusal. */
  readonly name: string;
  readonly mode: PolicyMode;
  /** `unprivileged`: as CRI-O documents `--read-only`. `all`: privileged containers, too. */
  readonly scope: "unprivileged" | "all";
  /**
   * What becomes of privileged containers. `refuse` also refuses what can undo a read-only root from inside: SYS_ADMIN, the host's
   * disks. Where the file does not say: `exempt`, or `read-only` with scope `all`.
   */
  readonly privileged: "exempt" | "read-only" | "refuse";
  /** `hostile`: clients lie about labels, names and tags; what is not known is refused. */
  readonly trust: "hostile" | "cooperative";
  /** What a container may write for which no strategy fits. Sorted by path. */
  readonly template: readonly TemplateTmpfs[];
  readonly strategies?: StrategySource;
  readonly exemptions: readonly Exemption[];
  readonly defaults: PolicyDefaults;
  readonly refuse: Refusals;
  readonly production: Readonly<Record<"build" | "commit" | "copy" | "exec", ProductionRule>>;
  /** Containers that existed before the enforcement point saw this policy may be started as they are until then. Milliseconds since 1970. */
  readonly grandfatherUntilMs?: number;
}

export interface TemplateTmpfs {
  readonly path: string;
  readonly sizeBytes: number;
  /** Octal, e.g. 0o1777. */
  readonly mode: number;
  readonly exec: boolean;
}

export interface StrategySource {
  /** Folder of `*.strategy.yaml`; relative to the policy file's own. */
  readonly folder: string;
  /** What a fitting strategy is good for on an image on which it was not verified. */
  readonly onUnknownDigest: "keep" | "template" | "refuse";
}

/** Who is left alone. */
export interface Exemption {
  readonly who: ExemptionSubject;
  /** For people: why. */
  readonly reason: string;
  /** Milliseconds since 1970; from then on it does not hold. */
  readonly untilMs: number;
  /** Single paths that are made read-only in a container that stays writable by this exemption. */
  readonly readOnlyPaths: readonly string[];
}

/**
 * By image id, uid of the caller or namespace: holds against anyone. By label, name or tag: only with `trust: cooperative`, as a client
 * chooses these freely.
 */
export type ExemptionSubject =
  | { readonly by: "imageId"; readonly imageId: string }
  | { readonly by: "callerUid"; readonly uid: number }
  | { readonly by: "namespace"; readonly namespace: string }
  /** Without a value: whatever it is. */
  | { readonly by: "label"; readonly label: string; readonly value?: string }
  /** `*` stands for any characters. */
  | { readonly by: "name"; readonly name: string }
  /** Repository with tag, normalised as Docker does; `*` stands for any characters. */
  | { readonly by: "tag"; readonly tag: string };

/** What is added to a container that does not say it itself. */
export interface PolicyDefaults {
  readonly noNewPrivileges: boolean;
  readonly pidsLimit?: number;
  readonly memoryBytes?: number;
  /** Without `CAP_`, upper case; those that the client adds by name stay. */
  readonly dropCapabilities: readonly string[];
  readonly logDriver?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
}

/** What is refused whether the root is read-only or not. */
export interface Refusals {
  /** Writable binds of `/` and of the host's own directories. */
  readonly hostSystemBinds: boolean;
  /** Binds of an engine's socket or state, read-only or not. */
  readonly engineBinds: boolean;
  /** Writable mounts of any kind over programs and libraries. */
  readonly mountsOverCode: boolean;
  /** MaskedPaths or ReadonlyPaths emptied or shortened, `systempaths=unconfined`. */
  readonly unmaskedPaths: boolean;
  readonly privilegedExec: boolean;
  /** Images that are not named by digest or id. */
  readonly unpinnedImages: boolean;
  /** Plugins, and joining a swarm: both let others run containers past the enforcement point. */
  readonly engineChanges: boolean;
  /** The OCI runtimes that may be asked for; absent: the engine's default alone. */
  readonly runtimes: readonly string[];
}
