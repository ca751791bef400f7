import type { PublishedPort, Workload, WorkloadMount } from "../../model/workload.ts";

/** A run while its flags are read, one after the other. */
export interface RunDraft {
  /** Settings given once; the last one counts, as with docker. */
  readonly once: { -readonly [Key in OnceKey]?: Workload[Key] };
  readonly env: string[];
  /** Variables of `--env-file`, which `-e` overrides wherever it stands. */
  readonly fileEnv: string[];
  readonly mounts: WorkloadMount[];
  readonly ports: PublishedPort[];
  readonly labels: Map<string, string>;
  readonly sysctls: Map<string, string>;
  readonly capAdd: string[];
  readonly capDrop: string[];
  readonly securityOpt: string[];
  readonly groupAdd: string[];
  readonly ulimits: Workload["ulimits"][number][];
  readonly extraHosts: string[];
  readonly dns: string[];
  readonly notes: string[];
  containerName?: string;
  detach: boolean;
  remove: boolean;
  publishAll: boolean;
}

type OnceKey =
  | "entrypoint"
  | "user"
  | "workingDir"
  | "hostname"
  | "network"
  | "userns"
  | "memoryBytes"
  | "nanoCpus"
  | "pidsLimit"
  | "shmSizeBytes"
  | "init"
  | "privileged"
  | "tty"
  | "openStdin"
  | "runtime"
  | "stopSignal"
  | "stopTimeoutSeconds"
  | "restart"
  | "platform";

export function emptyDraft(): RunDraft {
  return {
    once: {},
    env: [],
    fileEnv: [],
    mounts: [],
    ports: [],
    labels: new Map(),
    sysctls: new Map(),
    capAdd: [],
    capDrop: [],
    securityOpt: [],
    groupAdd: [],
    ulimits: [],
    extraHosts: [],
    dns: [],
    notes: [],
    detach: false,
    remove: false,
    publishAll: false,
  };
}
