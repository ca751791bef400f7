import type { DataAtRisk } from "../strategy/at-risk.ts";
import type { Strategy } from "../model/strategy.ts";
import type { AuditSource, InputKind, Location } from "../model/finding.ts";

/** A setting and where it is written; without a place where there is no text. */
export interface Located<T> {
  readonly value: T;
  readonly at?: Location;
}

/** A mount as a container has it or asks for it. */
export interface AuditMount {
  readonly type: "bind" | "volume" | "tmpfs" | "image" | "other";
  /** Host path, or volume name; absent for anonymous ones. */
  readonly source?: string;
  /** Absolute, normalised. */
  readonly target: string;
  readonly readOnly: boolean;
  /** Its bound; null: it has none. Absent: not known, or no matter (a bind). */
  readonly sizeBytes?: number | null;
  /** False: nothing on it can be executed. Absent: not known. */
  readonly exec?: boolean;
  readonly propagation?: string;
  readonly at?: Location;
}

export interface AuditPort {
  readonly hostIp?: string;
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly at?: Location;
}

/** What rules judge, in one form for every input. A setting that is absent was not set. */
export interface Settings {
  readonly image?: Located<string>;
  readonly readOnlyRoot?: Located<boolean>;
  /** A read-only root is asked for at a place where nothing reads it (Kubernetes: at the pod). */
  readonly misplacedReadOnlyRoot?: Located<string>;
  readonly privileged?: Located<boolean>;
  readonly user?: Located<string>;
  /** True: the engine refuses to start it as root, whatever its image says (Kubernetes' runAsNonRoot). */
  readonly nonRoot?: Located<boolean>;
  /** Without `CAP_`, in capitals; may hold `ALL`. */
  readonly capAdd?: Located<readonly string[]>;
  readonly capDrop?: Located<readonly string[]>;
  readonly noNewPrivileges?: Located<boolean>;
  /** `unconfined`, or the profile. */
  readonly seccomp?: Located<string>;
  readonly appArmor?: Located<string>;
  /** `disable`, or the type that its processes get. */
  readonly seLinux?: Located<string>;
  /** `systempaths=unconfined`, procMount Unmasked, or emptied MaskedPaths or ReadonlyPaths. */
  readonly unmaskedPaths?: Located<boolean>;
  readonly mounts?: readonly AuditMount[];
  readonly network?: Located<string>;
  readonly pid?: Located<string>;
  readonly ipc?: Located<string>;
  readonly uts?: Located<string>;
  readonly userns?: Located<string>;
  readonly ports?: readonly AuditPort[];
  readonly memoryBytes?: Located<number>;
  readonly cpus?: Located<number>;
  /** -1: unlimited on purpose. */
  readonly pidsLimit?: Located<number>;
  readonly devices?: Located<readonly string[]>;
  readonly cgroupParent?: Located<string>;
  readonly restart?: Located<{ readonly policy: string; readonly maxRetries?: number }>;
  /** False: switched off. */
  readonly healthcheck?: Located<boolean>;
  readonly logDriver?: Located<string>;
  readonly entrypoint?: Located<readonly string[]>;
  readonly command?: Located<readonly string[]>;
  readonly environment?: Located<readonly string[]>;
  readonly sysctls?: Located<readonly string[]>;
  readonly runtime?: Located<string>;
}

export type SettingName = keyof Settings;

/** Every setting; the compiler holds it complete. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys({
  image: 1,
  readOnlyRoot: 1,
  misplacedReadOnlyRoot: 1,
  privileged: 1,
  user: 1,
  nonRoot: 1,
  capAdd: 1,
  capDrop: 1,
  noNewPrivileges: 1,
  seccomp: 1,
  appArmor: 1,
  seLinux: 1,
  unmaskedPaths: 1,
  mounts: 1,
  network: 1,
  pid: 1,
  ipc: 1,
  uts: 1,
  userns: 1,
  ports: 1,
  memoryBytes: 1,
  cpus: 1,
  pidsLimit: 1,
  devices: 1,
  cgroupParent: 1,
  restart: 1,
  healthcheck: 1,
  logDriver: 1,
  entrypoint: 1,
  command: 1,
  environment: 1,
  sysctls: 1,
  runtime: 1,
} satisfies Record<SettingName, 1>) as SettingName[];

/** What is known of a container's image. */
export interface AuditImage {
  readonly id?: string;
  readonly repoDigests: readonly string[];
  readonly user?: string;
  /** Declared VOLUMEs. */
  readonly volumes?: readonly string[];
  readonly hasHealthcheck?: boolean;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

/** What only an engine can tell of a container. */
export interface AuditState {
  readonly status: string;
  readonly health: "starting" | "healthy" | "unhealthy" | "none";
  /** What its own layer holds that the next replacement loses. */
  readonly atRisk?: DataAtRisk;
  /** Names of its processes by parent, first the main one; absent when it does not run. */
  readonly processes?: readonly { readonly pid: number; readonly parentPid: number; readonly name: string }[];
}

/** The strategy for a container: none fits, one does, or one that was verified for this very image. */
export type StrategyStanding =
  | { readonly standing: "none" }
  | { readonly standing: "unverified" | "verified"; readonly file: string; readonly strategy: Strategy };

/** One container as it runs or as a text describes it. */
export interface AuditedContainer {
  readonly source: AuditSource;
  /** What it belongs to: `web` (a service or a container), `Deployment shop/web`. */
  readonly workload: string;
  /** Of a pod: its own name. */
  readonly container?: string;
  readonly role: "main" | "init" | "sidecar" | "ephemeral";
  readonly os: "linux" | "windows";
  /** Where it begins. */
  readonly at?: Location;
  /** Keys from the root of its document, for edits; `document` counts from 0. */
  readonly place?: { readonly document: number; readonly path: readonly (string | number)[] };
  readonly settings: Settings;
  readonly image?: AuditImage;
  readonly state?: AuditState;
  readonly strategy: StrategyStanding;
  /** Ids of rules that a comment beside it switches off, each with its reason. */
  readonly suppressed?: readonly Suppression[];
}

/** A finding that somebody decided to live with. */
export interface Suppression {
  readonly rule: string;
  readonly reason: string;
  /** `2027-01-31`: the last day on which it holds; absent: for ever. */
  readonly until?: string;
  readonly at?: Location;
}

/**
 * Settings that an input cannot speak of at all: what a rule needs of them it does not judge there. A Compose file cannot
 * empty MaskedPaths, and a Dockerfile cannot ask for a read-only root.
 */
export const CANNOT_SAY: Readonly<Record<InputKind, ReadonlySet<SettingName>>> = {
  engine: new Set(["misplacedReadOnlyRoot"]),
  image: allBut(["image", "user", "healthcheck", "entrypoint", "command", "environment", "mounts"]),
  dockerfile: allBut(["image", "user", "healthcheck", "entrypoint", "command", "environment", "mounts"]),
  compose: new Set(["misplacedReadOnlyRoot"]),
  swarm: new Set(["privileged", "noNewPrivileges", "seccomp", "devices", "cgroupParent", "userns", "ipc", "pid"]),
  kubernetes: new Set(["restart", "cgroupParent", "pidsLimit", "devices", "logDriver", "uts"]),
  quadlet: new Set(["misplacedReadOnlyRoot"]),
  ecs: new Set(["misplacedReadOnlyRoot", "uts", "cgroupParent", "userns", "runtime"]),
  command: new Set(["misplacedReadOnlyRoot"]),
};

function allBut(names: readonly SettingName[]): ReadonlySet<SettingName> {
  return new Set(SETTING_NAMES.filter((name) => !names.includes(name)));
}
