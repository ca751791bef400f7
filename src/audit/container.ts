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
  /** Host path, or name of the volume or claim; absent for what goes with its container or pod (anonymous volume, emptyDir). */
  readonly source?: string;
  /** Absolute, normalised. */
  readonly target: string;
  readonly readOnly: boolean;
  /** False: what the host has mounted below a read-only bind stays writable. Absent: not known. */
  readonly readOnlyBelow?: boolean;
  /** Its bound; null: it has none (a tmpfs without size, an emptyDir without sizeLimit). Absent: not known, or no matter. */
  readonly sizeBytes?: number | null;
  /** False: nothing on it can be executed. Absent: not known. */
  readonly exec?: boolean;
  readonly propagation?: string;
  readonly at?: Location;
}

/** A port as it is reachable: published on the host, or (Kubernetes, ECS) only opened when `hostPort` is absent. */
export interface AuditPort {
  readonly hostIp?: string;
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly at?: Location;
}

/** -1: unlimited. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What rules judge, in one form for every input. A setting that is absent was not set. */
export interface Settings {
  readonly image?: Located<string>;
  readonly readOnlyRoot?: Located<boolean>;
  /** A read-only root is asked for at a place where nothing reads it (Kubernetes: at the pod). */
  readonly misplacedReadOnlyRoot?: Located<string>;
  readonly privileged?: Located<boolean>;
  readonly user?: Located<string>;
  /** Kubernetes refuses to start it as root, whatever the image says. */
  readonly runAsNonRoot?: Located<boolean>;
  /** Without `CAP_`, in capitals; may hold `ALL`. */
  readonly capAdd?: Located<readonly string[]>;
  readonly capDrop?: Located<readonly string[]>;
  /** Kubernetes: the opposite of `allowPrivilegeEscalation`, at its place. */
  readonly noNewPrivileges?: Located<boolean>;
  /** `unconfined`, or the profile. */
  readonly seccomp?: Located<string>;
  readonly appArmor?: Located<string>;
  /** `disable`, or the label (`type:spc_t`). */
  readonly selinux?: Located<string>;
  /** `systempaths=unconfined`, procMount Unmasked, or emptied MaskedPaths or ReadonlyPaths. */
  readonly unmaskedPaths?: Located<boolean>;
  /** Single paths that are read-only beside the runtime's own: a partial seal. */
  readonly readOnlyPaths?: Located<readonly string[]>;
  readonly mounts?: readonly AuditMount[];
  readonly network?: Located<string>;
  /** `host`; `container:NAME` or `shared` with other containers. */
  readonly pid?: Located<string>;
  readonly ipc?: Located<string>;
  readonly uts?: Located<string>;
  readonly userns?: Located<string>;
  readonly ports?: readonly AuditPort[];
  readonly memoryBytes?: Located<number>;
  readonly cpus?: Located<number>;
  /** -1: unlimited on purpose. */
  readonly pidsLimit?: Located<number>;
  /** Paths on the host. */
  readonly devices?: Located<readonly string[]>;
  /** As `--device-cgroup-rule` takes them: `b 8:* rwm`. */
  readonly deviceRules?: Located<readonly string[]>;
  readonly cgroupParent?: Located<string>;
  /** `maxRetries` 0 or absent: without end. */
  readonly restart?: Located<{ readonly policy: string; readonly maxRetries?: number }>;
  readonly ulimits?: Located<readonly Ulimit[]>;
  /** True: there is one, of any kind of probe. False: switched off. */
  readonly healthcheck?: Located<boolean>;
  readonly logDriver?: Located<string>;
  readonly logOptions?: Located<Readonly<Record<string, string>>>;
  readonly entrypoint?: Located<readonly string[]>;
  readonly command?: Located<readonly string[]>;
  readonly workingDir?: Located<string>;
  /** `NAME=VALUE` where the text itself holds the value; `NAME` where it comes from elsewhere (interpolation, a secret). */
  readonly environment?: Located<readonly string[]>;
  /** Names, without values. */
  readonly sysctls?: Located<readonly string[]>;
  readonly runtime?: Located<string>;
  /** Keys that are written, and that whatever reads the file ignores: `privileged` in a stack of a swarm. */
  readonly ignored?: readonly Located<string>[];
}

export type SettingName = keyof Settings;

/** Every setting; the compiler holds it complete. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys({
  image: 1,
  readOnlyRoot: 1,
  misplacedReadOnlyRoot: 1,
  privileged: 1,
  user: 1,
  runAsNonRoot: 1,
  capAdd: 1,
  capDrop: 1,
  noNewPrivileges: 1,
  seccomp: 1,
  appArmor: 1,
  selinux: 1,
  unmaskedPaths: 1,
  readOnlyPaths: 1,
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
  deviceRules: 1,
  cgroupParent: 1,
  restart: 1,
  ulimits: 1,
  healthcheck: 1,
  logDriver: 1,
  logOptions: 1,
  entrypoint: 1,
  command: 1,
  workingDir: 1,
  environment: 1,
  sysctls: 1,
  runtime: 1,
  ignored: 1,
} satisfies Record<SettingName, 1>) as SettingName[];

/** What is known of a container's image. */
export interface AuditImage {
  readonly id?: string;
  readonly repoDigests: readonly string[];
  readonly repoTags?: readonly string[];
  readonly user?: string;
  /** Declared VOLUMEs. */
  readonly volumes?: readonly string[];
  readonly hasHealthcheck?: boolean;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDir?: string;
  /** Paths of programs with the setuid or setgid bit; absent: nobody looked. */
  readonly setuid?: readonly string[];
  /** Paths of shells and package managers; absent: nobody looked. */
  readonly tools?: readonly string[];
}

/** One instruction that an image is built with, its continued lines joined. */
export interface BuildStep {
  /** In capitals: `RUN`. */
  readonly name: string;
  readonly flags: readonly string[];
  /** With its here-documents. */
  readonly text: string;
  readonly at: Location;
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
  /** Where else its own lines are: in an override, in what it extends. */
  readonly alsoAt?: readonly Location[];
  /** Keys from the root of its document, for edits; `document` counts from 0. */
  readonly place?: { readonly document: number; readonly path: readonly (string | number)[] };
  readonly settings: Settings;
  /** Settings of which something is written that cannot be known here (a variable without a value): no rule judges them. */
  readonly unknown?: readonly SettingName[];
  readonly image?: AuditImage;
  /** Of a Dockerfile: what its image is built with. */
  readonly build?: readonly BuildStep[];
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

/** What the image itself says; whoever runs it may say otherwise. */
const OF_AN_IMAGE: readonly SettingName[] = [
  "image",
  "user",
  "healthcheck",
  "entrypoint",
  "command",
  "workingDir",
  "environment",
];
const KUBERNETES_ONLY: readonly SettingName[] = ["misplacedReadOnlyRoot", "runAsNonRoot"];

/**
 * Settings that an input cannot speak of at all: rules that need one of them are silent there. A Dockerfile cannot ask for a
 * read-only root, and a pod has no limit of processes of its own (that is the kubelet's podPidsLimit).
 * Sources: compose-spec 05-services.md; docker/cli cli/compose/convert/service.go for Swarm stacks (what it leaves out has no
 * effect there); the Kubernetes API's Pod v1; podman-systemd.unit(5); the ECS RegisterTaskDefinition reference (dockerSecurityOptions
 * takes no seccomp and no systempaths).
 */
export const CANNOT_SAY: Readonly<Record<InputKind, ReadonlySet<SettingName>>> = {
  engine: new Set(KUBERNETES_ONLY),
  image: allBut(OF_AN_IMAGE),
  dockerfile: allBut(OF_AN_IMAGE),
  compose: new Set([...KUBERNETES_ONLY, "readOnlyPaths"]),
  swarm: new Set([
    ...KUBERNETES_ONLY,
    ...(["privileged", "noNewPrivileges", "seccomp", "appArmor", "selinux", "unmaskedPaths", "readOnlyPaths"] as const),
    ...(["devices", "deviceRules", "cgroupParent", "userns", "ipc", "pid", "uts", "runtime"] as const),
  ]),
  kubernetes: new Set([
    "readOnlyPaths",
    "restart",
    "cgroupParent",
    "pidsLimit",
    "devices",
    "deviceRules",
    "ulimits",
    "logDriver",
    "logOptions",
    "uts",
  ]),
  quadlet: new Set([...KUBERNETES_ONLY, "readOnlyPaths"]),
  ecs: new Set([
    ...KUBERNETES_ONLY,
    ...([
      "seccomp",
      "unmaskedPaths",
      "readOnlyPaths",
      "pidsLimit",
      "deviceRules",
      "uts",
      "cgroupParent",
      "userns",
    ] as const),
    ...(["runtime", "restart"] as const),
  ]),
  command: new Set([...KUBERNETES_ONLY, "readOnlyPaths"]),
};

function allBut(names: readonly SettingName[]): ReadonlySet<SettingName> {
  return new Set(SETTING_NAMES.filter((name) => !names.includes(name)));
}
