import type { ImageFacts } from "../model/image.ts";

/** What a client asks an engine to do, in the words of no engine. Every enforcement point translates into it, and `decide` judges it. */
export type GuardRequest =
  /** A container is to be made, or is about to be started as the engine has it. */
  | { readonly action: "create"; readonly container: ContainerRequest }
  | { readonly action: "start"; readonly container: ContainerRequest; readonly createdMs: number }
  | {
      readonly action: "exec";
      readonly container: ContainerRequest;
      readonly privileged: boolean;
      readonly createdMs?: number;
    }
  /** Files are put into a container from outside. */
  | { readonly action: "copy"; readonly container: ContainerRequest; readonly createdMs?: number }
  | { readonly action: "commit"; readonly container: ContainerRequest }
  | { readonly action: "build" }
  /** Plugins, joining a swarm. `what`: `installing the plugin x`. */
  | { readonly action: "engineChange"; readonly what: string }
  /** A call that changes something and that the enforcement point does not know. `what`: `POST /x`. */
  | { readonly action: "unknown"; readonly what: string };

/** Who asks, as far as the enforcement point can be sure of it. */
export interface Caller {
  /** Of the process at the other end of a Unix socket. */
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
  /** Authenticated by the engine (TLS), for an authorization plugin. */
  readonly user?: string;
}

/** A container as asked for, or as it is. Absent means that nothing was said and the engine's own value holds. */
export interface ContainerRequest {
  readonly name?: string;
  /** Kubernetes or CRI namespace. */
  readonly namespace?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The reference as the client wrote it. */
  readonly imageReference: string;
  /** Absent: nothing is known of it, so no exemption by image and no strategy can hold. */
  readonly image?: ImageFacts;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `KEY=VALUE`. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly readOnlyRoot: boolean;
  readonly privileged: boolean;
  /** What was asked for; declared VOLUMEs are in `image`. */
  readonly mounts: readonly RequestedMount[];
  /** Containers whose mounts it gets. */
  readonly volumesFrom: readonly string[];
  /** Absent: the runtime's own list. */
  readonly readOnlyPaths?: readonly string[];
  readonly maskedPaths?: readonly string[];
  /** Without `CAP_`, upper case. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly devices: readonly RequestedDevice[];
  /** Rules of the device cgroup, `b 8:* rwm`. */
  readonly deviceRules: readonly string[];
  /** As `docker run --security-opt` takes them, without `no-new-privileges`. */
  readonly securityOptions: readonly string[];
  readonly noNewPrivileges?: boolean;
  /** -1: it was said that there is none. */
  readonly pidsLimit?: number;
  readonly memoryBytes?: number;
  readonly logDriver?: string;
  /** As the client asks for it. At a start the engine's own default, which engines fill in, is left out. */
  readonly runtime?: string;
  /** Namespaces shared with the host. */
  readonly hostNamespaces: readonly HostNamespace[];
  /** The container that holds a pod's namespaces and runs what the engine calls its pause image; no setting makes its root read-only. */
  readonly isPause?: true;
  /** Namespaces shared with other containers, by name or id. */
  readonly joinedNamespaces?: readonly { readonly namespace: HostNamespace; readonly container: string }[];
  /** Settings that this reader does not know: `HostConfig.Foo`. */
  readonly unknownFields: readonly string[];
}
/** What a request says of lists and switches when nothing is said of them. */
export const NOTHING_ASKED = {
  labels: {},
  env: [],
  readOnlyRoot: false,
  privileged: false,
  mounts: [],
  volumesFrom: [],
  capAdd: [],
  capDrop: [],
  devices: [],
  deviceRules: [],
  securityOptions: [],
  hostNamespaces: [],
  unknownFields: [],
} as const satisfies Partial<ContainerRequest>;

export type HostNamespace = "pid" | "network" | "ipc" | "uts" | "user" | "cgroup";

export interface RequestedMount {
  readonly type: "bind" | "volume" | "tmpfs" | "image" | "npipe" | "cluster" | "other";
  /** Host path, or volume name; absent for an anonymous volume. */
  readonly source?: string;
  /** Cleaned as Go's path.Clean does, absolute. */
  readonly target: string;
  readonly readOnly: boolean;
  /** Where a path of the host in it leads, links followed: to be judged beside what was written. Absent: nobody could look. */
  readonly leadsTo?: string;
  /** As the client wrote it: `rshared`. */
  readonly propagation?: string;
  /** Of a tmpfs: code in it may be run. */
  readonly exec?: boolean;
  /**
   * Options of a volume's driver: with `type=none,o=bind,device=/etc` it is a bind. Of a volume that exists already, those that the
   * engine tells.
   */
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
}

export interface RequestedDevice {
  readonly hostPath: string;
  readonly containerPath: string;
  /** Of `rwm`. */
  readonly permissions: string;
  /** What is there, as a rule of the device cgroup: a node of any name may be a disk. Absent: nobody could look. */
  readonly rule?: string;
}
