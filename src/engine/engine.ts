import type { Readable } from "node:stream";
import type { SettingName, Settings } from "../audit/container.ts";
import type { LayerChanges } from "../model/change.ts";
import type { FileTree, ImageFacts } from "../model/image.ts";
import type { Owner } from "../model/owner.ts";
import type { LogStream } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";

/** A container engine. Adapters speak only the types of `model/`, of this file and of what audits judge; every method throws PetrifyError. */
export interface Engine extends AsyncDisposable {
  readonly info: EngineInfo;

  /** Facts of a local image; undefined when the engine does not have it. */
  image(reference: string): Promise<ImageFacts | undefined>;
  /** Throws E_IMAGE_NOT_FOUND, E_IMAGE_REFERENCE. `onProgress` gets one short line at a time. */
  pull(reference: string, onProgress?: (line: string) => void): Promise<ImageFacts>;
  /** Makes an image of one root file system tar (`docker import`); returns its id. */
  importImage(tar: Readable, options: ImportOptions): Promise<string>;
  /** Loads a `docker save` archive. */
  loadImage(tar: Readable): Promise<void>;
  removeImage(reference: string): Promise<void>;
  /** Gives an image one more name; one that has it already loses it. */
  tagImage(id: string, reference: string): Promise<void>;
  /** Builds the `Dockerfile` of a tar, without a network, and names the result. `onProgress` gets one short line at a time. */
  buildImage(context: Readable, reference: string, onProgress?: (line: string) => void): Promise<ImageFacts>;

  /** Ids of the containers that somebody has on the engine, those that run or all of them. */
  containers(which: "running" | "all"): Promise<readonly string[]>;
  /** What the container of this name or id is and how it runs; undefined when there is none. */
  find(reference: string): Promise<FoundContainer | undefined>;
  /** The container of this name or id with all it was given; undefined when there is none. */
  inspect(reference: string): Promise<InspectedContainer | undefined>;
  /** Its processes; empty when it has ended meanwhile. Nothing is run in the container. */
  processes(container: Pick<ContainerHandle, "id" | "name">): Promise<readonly ContainerProcess[]>;
  /**
   * What the container wrote into its own layer, without its mounts. Where that is not read on disk, and `mostFiles` is given,
   * only so many files are asked for, and `unread` says how many were not: the whole root is never sent.
   */
  changes(container: Pick<ContainerHandle, "id" | "name">, mostFiles?: number): Promise<LayerChanges>;
  /**
   * The same with the content of each file up to a limit, read on disk while the container may run, without following
   * anything in it. Throws E_NOT_LOCAL, E_ROOTLESS, E_NOT_ROOT, and E_ENGINE_UNSUPPORTED when the engine does not tell where it lies.
   */
  layer(container: Pick<ContainerHandle, "id" | "name">, content: LayerContent): Promise<LayerChanges>;
  /** Gives what happens to containers from the moment this resolves, in order. `onLost` when the engine stops telling. */
  watch(onEvent: (event: ContainerEvent) => void, onLost: (error: Error) => void): Promise<Watching>;

  /** Creates, does not start. The container carries the label `petrify.session`, unless `session` is empty. */
  createContainer(spec: ContainerSpec): Promise<ContainerHandle>;
  /** A volume made with `session` is removed together with it; one made without belongs to the user, and stays. */
  createVolume(name: string, options?: VolumeOptions): Promise<void>;
  hasVolume(name: string): Promise<boolean>;
  /** No error when it is not there. */
  removeVolume(name: string): Promise<void>;

  /** Everything on the engine that carries the label `petrify.session`; `sessionAlive` tells whose session still runs. */
  listSessions(): Promise<readonly SessionResources[]>;
  /** Removes the session's containers, networks and volumes, also those being created just now. No error for what is gone. */
  removeSession(session: string): Promise<void>;

  /** The content of a container's root as a tree; layers on disk when they can be read here, else the engine's export. */
  tree(container: Pick<ContainerHandle, "id" | "name">): Promise<FileTree>;
  /** The content of an image; stays readable as long as the image is there. A container that this needs is the session's. */
  imageTree(image: ImageFacts, session: string): Promise<FileTree>;
  /** The content of an image by its layers on disk; undefined when they cannot be read. */
  imageLayers(image: ImageFacts): Promise<FileTree | undefined>;
  /**
   * A TCP or UDP address on this host's loopback, or the container's own, by which `container` answers on `port`.
   * The embedded engine forwards into its network namespace until the engine is closed. Throws E_PORT.
   */
  reach(
    container: Pick<ContainerHandle, "id" | "name" | "state">,
    port: number,
    protocol: "tcp" | "udp",
  ): Promise<{ readonly host: string; readonly port: number }>;
}

export interface LayerContent {
  /** Of a larger file only that it is one is told. */
  readonly limitBytes: number;
  /** What `content` is: the bytes themselves, or their SHA-256, for which nothing is kept in memory. */
  readonly as: "bytes" | "digest";
}

export interface EngineInfo {
  readonly kind: "docker" | "podman" | "embedded";
  /** `unix:///var/run/docker.sock`, `tcp://...`, `ssh://...`. */
  readonly host: string;
  readonly version: string;
  readonly apiVersion: string;
  /** Same kernel and files as this process. */
  readonly local: boolean;
  readonly rootless: boolean;
  /** Containers have users of their own (`--userns-remap`): what their root is on this host. Absent: ids are the same. */
  readonly remappedRoot?: Owner;
  /** Its containers run under SELinux. */
  readonly selinux: boolean;
  readonly cgroupDriver: "cgroupfs" | "systemd" | "none";
  readonly cgroupVersion: "1" | "2";
  readonly storageDriver: string;
  readonly defaultRuntime: string;
  /** How it was found, for the first line of output: `DOCKER_HOST`, `context prod`, `socket /var/run/docker.sock`, `no engine on this host`. */
  readonly foundBy: string;
}

export interface ContainerSpec {
  readonly workload: Workload;
  /** Name of the container. */
  readonly name: string;
  /** Value of the label `petrify.session`; containers of a session are removed together. Empty: no label. */
  readonly session: string;
  readonly readOnlyRoot: boolean;
  /**
   * Paths that are read-only although the root is not; mounts below them keep their own say. A container of which one would
   * stay writable is not made: E_CONTAINER_START when the image does not have it, E_ENGINE_UNSUPPORTED when the engine ignores it.
   */
  readonly readOnlyPaths?: readonly string[];
  /** Target path -> options text of `docker run --tmpfs`. */
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly volumes: readonly VolumeMount[];
  readonly binds: readonly BindMount[];
  /**
   * Symlinks that are there before the start, in place of what the image has; their directories exist. In a container with a
   * read-only root they lie on its volumes: E_CONTAINER_START else.
   */
  readonly links?: readonly ContainerLink[];
  readonly publishPorts: boolean;
  readonly autoRemove: boolean;
  /** Image reference or id to use instead of `workload.image`. */
  readonly imageId?: string;
}
export interface ContainerLink {
  readonly path: string;
  readonly target: string;
}
export interface VolumeMount {
  /** Absent: anonymous. */
  readonly name?: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Leaves an empty volume empty, which engines fill with the image's content also for a read-only mount. */
  readonly noCopy?: true;
  /** Neither code is run there, nor setuid or devices count, on an engine that can forbid it: Podman can, Docker's volumes take no such option. */
  readonly noExec?: true;
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
}
export interface BindMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options?: string;
}

export interface VolumeOptions {
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
  readonly session?: string;
}

/** What carries one session's label on an engine, by name. */
export interface SessionResources {
  readonly session: string;
  readonly containers: readonly string[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

export interface ImportOptions {
  readonly reference: string;
  /** Dockerfile instructions: `CMD ["nginx"]`, `EXPOSE 80`. */
  readonly changes: readonly string[];
}

/** A container that somebody else may have made. */
export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  /** What it was made with. Its networks are left out, but for `host` and `none`: a copy of it has no business there. */
  readonly settings: Omit<Workload, "name">;
  readonly labels: Readonly<Record<string, string>>;
  /** The session of Petrify's that made it; empty when somebody else did. */
  readonly session: string;
  /** The engine's own, in which nobody's workload runs: it holds the namespaces of a Podman pod. */
  readonly isInfrastructure: boolean;
  readonly readOnlyRoot: boolean;
  /** Removed as soon as it ends. */
  readonly autoRemove: boolean;
  readonly state: ContainerState;
}

/** A container as it is, for an audit. */
export interface InspectedContainer {
  readonly id: string;
  readonly name: string;
  /** Absent when the engine does not have it any more. */
  readonly image?: ImageFacts;
  readonly isInfrastructure: boolean;
  readonly state: ContainerState;
  readonly settings: Settings;
  /** Settings that the engine does not tell. */
  readonly unknown: readonly SettingName[];
}

export interface ContainerProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Chosen by the process; at most 15 bytes. */
  readonly name: string;
}

export interface Watching extends Disposable {
  /** Resolves when everything that happened before the call has been told. */
  flush(): Promise<void>;
}

export interface ContainerEvent {
  /** `kill` is a signal that somebody had sent, before the `die` that it may lead to. */
  readonly action: "create" | "start" | "kill" | "die" | "destroy";
  readonly id: string;
  /** Of `die`. */
  readonly exitCode?: number;
}

export interface ContainerState {
  readonly status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
  /** Pid of the first process as this host sees it; 0 when not running or not local. */
  readonly pid: number;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly error: string;
  readonly health: "starting" | "healthy" | "unhealthy" | "none";
  readonly ipAddress: string;
}

export interface ContainerHandle {
  readonly id: string;
  readonly name: string;
  start(): Promise<void>;
  /** Stop signal, then SIGKILL after the timeout. No error when it has stopped already. */
  stop(timeoutSeconds?: number): Promise<void>;
  /** No error when it has ended already. */
  signal(name: string): Promise<void>;
  state(): Promise<ContainerState>;
  /** Exit code, once it has ended; may be asked before the start, and fails as the start does. */
  wait(): Promise<number>;
  /** Force, with its anonymous volumes. No error when it is gone. */
  remove(): Promise<void>;
  /** The last lines of both streams, or of one. */
  logs(tailLines: number, stream?: LogStream): Promise<string>;
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** The streams of the main process; call before `start`. */
  attach(options: { readonly stdin: boolean; readonly tty: boolean }): Promise<Attached>;
  /** Names a tty's size, in characters. */
  resize(columns: number, rows: number): Promise<void>;
  /** Volumes it has mounted: name and target. */
  volumes(): Promise<readonly { readonly name: string; readonly target: string; readonly anonymous: boolean }[]>;
}
export interface ExecOptions {
  readonly user?: string;
  readonly env?: readonly string[];
  /** After it the process is killed (left alone on a remote engine), and the exit code is 124, as with timeout(1). */
  readonly timeoutMs?: number;
}
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Attached {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the engine closed the streams; rejects with E_ENGINE_LOST when the connection broke. */
  readonly closed: Promise<void>;
}
