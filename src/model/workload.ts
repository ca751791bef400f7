/** What is hardened: an image with the settings it is run with. Field meanings are those of `docker run`. */
export interface Workload {
  /** Names the files `NAME.strategy.yaml` and `NAME.profile.ndjson.zst`; characters `[a-z0-9._-]`. */
  readonly name: string;
  /** The image reference as the user gave it. */
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `KEY=VALUE`. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly hostname?: string;
  /** Mounts the user asked for (`-v`, `--mount`, `--tmpfs`); what the image declares as VOLUME is not among them. */
  readonly mounts: readonly WorkloadMount[];
  /** Published ports (`-p`). Learn and verify never publish them; `run` and exports do. */
  readonly ports: readonly PublishedPort[];
  readonly network?: string;
  /** `host`: its users are the host's, also on an engine that remaps them. */
  readonly userns?: "host";
  readonly labels: Readonly<Record<string, string>>;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt: readonly string[];
  readonly groupAdd: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  readonly extraHosts: readonly string[];
  readonly dns: readonly string[];
  readonly memoryBytes?: number;
  readonly nanoCpus?: number;
  readonly pidsLimit?: number;
  readonly shmSizeBytes?: number;
  readonly init: boolean;
  readonly privileged: boolean;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly runtime?: string;
  readonly stopSignal?: string;
  readonly stopTimeoutSeconds?: number;
  readonly restart?: string;
  readonly platform?: string;
}

/** Lists, maps and switches that a run has even when nothing is said of them: those of `docker run` without flags. */
export const NO_SETTINGS = {
  env: [],
  mounts: [],
  ports: [],
  labels: {},
  capAdd: [],
  capDrop: [],
  securityOpt: [],
  groupAdd: [],
  sysctls: {},
  ulimits: [],
  extraHosts: [],
  dns: [],
  init: false,
  privileged: false,
  tty: false,
  openStdin: false,
} as const satisfies Partial<Workload>;

export interface WorkloadMount {
  readonly type: "bind" | "volume" | "tmpfs";
  /** Host path (bind) or volume name (volume; absent for an anonymous one). */
  readonly source?: string;
  /** Absolute path in the container. */
  readonly target: string;
  readonly readOnly: boolean;
  /** Options of a tmpfs as `docker run --tmpfs` takes them (`size=64m,mode=1777`), or of a bind (`z`, `rshared`). */
  readonly options?: string;
  /** Of a volume, as `docker volume create` takes them. */
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
}

export interface PublishedPort {
  readonly hostIp?: string;
  /** Absent: the engine chooses. */
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}
