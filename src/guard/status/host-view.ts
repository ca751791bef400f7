/** What was seen of a host, without judging it; what could not be seen is in `unseen`. */
export interface HostView {
  readonly sockets: readonly SocketView[];
  /** Each dockerd that runs. */
  readonly dockerds: readonly DockerdView[];
  /** Text of dockerd's default runtime's program when it is Petrify's launcher. */
  readonly dockerWrapper: boolean;
  readonly podman?: PodmanView;
  /** Programs that talk to containerd or CRI directly: `ctr`, `nerdctl`. */
  readonly tools: readonly string[];
  readonly dockerGroup: readonly string[];
  /** Running containers with an engine's socket among their mounts. */
  readonly socketContainers: readonly SocketContainer[];
  readonly policy?: PolicyView;
  readonly guardSocketUnit: boolean;
  /** What was not looked at for want of rights: one sentence each. */
  readonly unseen: readonly string[];
}

export type SocketKind = "docker" | "podman" | "containerd" | "crio" | "buildkit";

export interface SocketView {
  readonly path: string;
  readonly kind: SocketKind;
  readonly mode: number;
  readonly uid: number;
  /** Its group by name. */
  readonly group: string;
  /** Only root gets into its directory. */
  readonly rootOnlyDirectory: boolean;
  /** Who holds it open for listening; absent: it could not be seen. */
  readonly holders?: readonly Holder[];
}

export interface Holder {
  readonly pid: number;
  /** `guard`: a petrify guard. `systemd`: it listens until somebody comes. */
  readonly is: "dockerd" | "podman" | "guard" | "systemd" | "containerd" | "crio" | "other";
  readonly command: string;
}

export interface DockerdView {
  readonly pid: number;
  /** Of its command line and its configuration: `fd://`, `unix:///run/x.sock`, `tcp://0.0.0.0:2375`. */
  readonly hosts: readonly string[];
  readonly authorizationPlugins: readonly string[];
  readonly defaultRuntime: string;
  /** Those that are registered by name, without the default one. */
  readonly otherRuntimes: readonly string[];
}

export interface PodmanView {
  readonly version?: string;
  /** containers.conf has the wrapper in place of its runtimes. */
  readonly wrapper: boolean;
  readonly readOnlySetting: boolean;
}

export interface SocketContainer {
  readonly name: string;
  readonly source: string;
  /** The socket that it has is no longer the one at that path: it was mounted before the guard came. */
  readonly old: boolean;
}

export interface PolicyView {
  readonly file: string;
  readonly name?: string;
  readonly mode?: string;
  readonly error?: string;
  /** Those that expire first come first. */
  readonly exemptions: readonly { readonly who: string; readonly untilMs: number }[];
}
