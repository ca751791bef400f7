import { ENGINE_SOCKET } from "../install/plan-docker.ts";
import type { DockerdView, HostView, SocketView } from "./host-view.ts";

/** One way to a container on this host. */
export interface Way {
  readonly way: string;
  readonly guarded: "yes" | "root only" | "partly" | "no" | "not seen";
  /** What guards it, or why nothing does. */
  readonly by: string;
  /** What to do. */
  readonly action?: string;
}

/** Each way to a container, and whether something guards it; pure. */
export function ways(view: HostView): readonly Way[] {
  return [
    ...view.sockets.flatMap((socket) => socketWays(socket, view)),
    ...view.dockerds.flatMap((dockerd) => [...tcpWays(dockerd), ...runtimeWays(dockerd, view)]),
    ...containerWays(view),
    ...groupWays(view),
    ...podmanWays(view),
    ...policyWays(view),
  ];
}

/** Something is open, or may be. */
export function isOpen({ guarded }: Way): boolean {
  return guarded === "no" || guarded === "partly" || guarded === "not seen";
}

const INSTALL_DOCKER = "Run petrify guard install --docker.";

function socketWays(socket: SocketView, view: HostView): readonly Way[] {
  const way = `${socket.kind} socket ${socket.path}`;
  return [{ way, ...(socket.kind === "docker" ? dockerSocket(socket, view) : otherSocket(socket, view)) }];
}

type Judged = Omit<Way, "way">;

function dockerSocket(socket: SocketView, view: HostView): Judged {
  const { holders } = socket;
  if (holders === undefined)
    return { guarded: "not seen", by: "who listens is not to be seen", action: "Run it as root." };
  if (holders.some(({ is }) => is === "guard"))
    return holders.some(({ is }) => is === "dockerd")
      ? { guarded: "no", by: "both dockerd and a guard listen", action: "Restart docker.socket and docker.service." }
      : { guarded: "yes", by: "petrify guard" };
  if (
    view.guardSocketUnit &&
    isGuardedPath(socket.path) &&
    holders.every(({ is }) => is === "systemd") &&
    holders.length > 0
  )
    return { guarded: "yes", by: "petrify guard, started by the first client" };
  if (isRootOnly(socket)) return { guarded: "root only", by: `its ${socket.rootOnlyDirectory ? "directory" : "mode"}` };
  if (view.dockerds.length > 0 && view.dockerds.every(hasAuthz))
    return { guarded: "yes", by: "authorization plugin petrify" };
  if (view.dockerds.length > 0 && view.dockerds.every(isWrapped(view)))
    return { guarded: "partly", by: "runtime wrapper; --runtime gets past it", action: INSTALL_DOCKER };
  const who = holders.length === 0 ? "nobody listens" : `${holders.map(({ is }) => is).join(", ")} listens`;
  return holders.length === 0
    ? { guarded: "root only", by: who }
    : { guarded: "no", by: `${who} itself, group ${socket.group}`, action: INSTALL_DOCKER };
}

function otherSocket(socket: SocketView, { podman }: HostView): Judged {
  if (socket.kind === "podman" && podman?.wrapper === true) return { guarded: "yes", by: "runtime wrapper" };
  if (socket.kind === "podman")
    return { guarded: "no", by: "nothing", action: "Run petrify guard install --podman --strict." };
  if (isRootOnly(socket)) return { guarded: "root only", by: `mode ${socket.mode.toString(8)}` };
  return { guarded: "no", by: `group ${socket.group} may use it`, action: `Leave ${socket.path} to root alone.` };
}

function tcpWays(dockerd: DockerdView): readonly Way[] {
  return dockerd.hosts
    .filter((host) => host.startsWith("tcp://"))
    .map((host) => {
      const way = `dockerd at ${host}`;
      return hasAuthz(dockerd)
        ? { way, guarded: "yes", by: "authorization plugin petrify" }
        : { way, guarded: "no", by: "nothing", action: "Take it away, or run petrify guard install --authz." };
    });
}

function runtimeWays(dockerd: DockerdView, view: HostView): readonly Way[] {
  if (!isWrapped(view)(dockerd)) return [];
  const others = dockerd.otherRuntimes.join(", ");
  const inFront =
    hasAuthz(dockerd) ||
    view.sockets.some(({ kind, holders }) => kind === "docker" && holders?.some(({ is }) => is === "guard") === true);
  const way = `docker run --runtime ${others}`;
  return [
    { way: "docker's default runtime", guarded: "yes", by: "runtime wrapper" },
    inFront
      ? { way, guarded: "yes", by: "the policy's list of runtimes" }
      : {
          way,
          guarded: "no",
          by: "nothing",
          action: "Run petrify guard install --docker, which refuses other runtimes.",
        },
  ];
}

function containerWays(view: HostView): readonly Way[] {
  return view.socketContainers.map(({ name, source, old }) => {
    const way = `container ${name} with ${source}`;
    const socket = view.sockets.find(({ path }) => path === source);
    const judged = socket === undefined ? undefined : socketWays(socket, view)[0];
    if (old) return { way, guarded: "no", by: "it has the engine's socket of before", action: `Make ${name} anew.` };
    if (judged?.guarded === "yes") return { way, guarded: "yes", by: judged.by };
    // It has the whole directory in which the engine's own socket lies beside the guarded one.
    const action = source === ENGINE_SOCKET ? `Make ${name} anew with the guarded socket alone.` : INSTALL_DOCKER;
    return { way, guarded: "no", by: "the engine's own socket", action };
  });
}

function groupWays(view: HostView): readonly Way[] {
  const { dockerGroup, sockets } = view;
  if (dockerGroup.length === 0) return [];
  const open = sockets.filter(({ kind, group }) => kind === "docker" && group === "docker");
  return open.map((socket) => ({
    ...dockerSocket(socket, view),
    way: `group docker (${dockerGroup.join(", ")}) by ${socket.path}`,
  }));
}

function podmanWays({ podman, tools }: HostView): readonly Way[] {
  const containerd: readonly Way[] =
    tools.length === 0 ? [] : [{ way: tools.join(", "), guarded: "root only", by: "containerd's socket" }];
  if (podman === undefined) return containerd;
  const way = `podman${podman.version === undefined ? "" : ` ${podman.version}`} without a daemon`;
  const users = "Users without root have containers.conf of their own.";
  const judged: Judged = podman.wrapper
    ? { guarded: "yes", by: "runtime wrapper" }
    : podman.readOnlySetting
      ? {
          guarded: "partly",
          by: "read_only in containers.conf; --read-only=false gets past it",
          action: "Add --strict.",
        }
      : { guarded: "no", by: "nothing", action: "Run petrify guard install --podman." };
  return [
    ...containerd,
    { way, ...judged },
    { way: "rootless podman", guarded: "partly", by: judged.by, action: users },
  ];
}

function policyWays({ policy }: HostView): readonly Way[] {
  if (policy === undefined) return [];
  const way = `policy ${policy.file}`;
  if (policy.error !== undefined)
    return [{ way, guarded: "no", by: policy.error, action: "Mend it: petrify guard check." }];
  return policy.mode === "enforce"
    ? [{ way, guarded: "yes", by: `${policy.name}, mode enforce` }]
    : [{ way, guarded: "no", by: `mode ${policy.mode}: nothing is carried out`, action: "Set mode: enforce." }];
}

function hasAuthz({ authorizationPlugins }: DockerdView): boolean {
  return authorizationPlugins.includes("petrify");
}
function isWrapped({ dockerWrapper }: HostView) {
  return ({ defaultRuntime }: DockerdView): boolean => dockerWrapper && defaultRuntime === "petrify";
}
function isRootOnly({ rootOnlyDirectory, mode, uid, group }: SocketView): boolean {
  return rootOnlyDirectory || (uid === 0 && ((mode & 0o077) === 0 || (group === "root" && (mode & 0o007) === 0)));
}
function isGuardedPath(path: string): boolean {
  return /^(?:\/var)?\/run\/docker\.sock$/.test(path);
}
