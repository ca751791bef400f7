import { PetrifyError } from "../../model/errors.ts";
import type { HostFacts } from "./host-facts.ts";
import { NoObjectError, withMember } from "./json-edit.ts";
import type { Plan, PlannedFile } from "./plan.ts";
import {
  authzService,
  dockerServiceDropIn,
  dockerSocketDropIn,
  guardService,
  guardSocket,
  type SocketSettings,
} from "./units.ts";

/** Where clients look. */
export const DOCKER_SOCKET = "/var/run/docker.sock";
/** Where the engine listens when a guard is in front of it; only root gets into the directory. */
export const ENGINE_SOCKET = "/run/petrify-guard/docker.sock";
export const DAEMON_JSON = "/etc/docker/daemon.json";
export const AUTHZ_NAME = "petrify";
const UNITS = "/etc/systemd/system";

/** The guard at Docker's socket, and the engine's own one where only root is. Throws E_GUARD_INSTALL. */
export function planDocker(host: HostFacts, policy: string): Plan {
  const paths = { node: host.node, main: host.main, policy };
  if (!host.systemd || host.dockerSocket === undefined) return withoutSystemd(host, policy);
  requireActivation(host);
  const files: readonly PlannedFile[] = [
    { path: `${UNITS}/petrify-guard.socket`, content: guardSocket(socketSettings(host.dockerSocket)), mode: 0o644 },
    { path: `${UNITS}/petrify-guard.service`, content: guardService(paths, ENGINE_SOCKET), mode: 0o644 },
    { path: `${UNITS}/docker.socket.d/50-petrify.conf`, content: dockerSocketDropIn(ENGINE_SOCKET), mode: 0o644 },
  ];
  return {
    ways: ["docker"],
    files,
    links: [{ path: `${UNITS}/sockets.target.wants/petrify-guard.socket`, target: `${UNITS}/petrify-guard.socket` }],
    commands: [
      ["systemctl", "daemon-reload"],
      ["systemctl", "stop", "docker.socket", "docker.service"],
      ["systemctl", "start", "docker.socket", "petrify-guard.socket", "docker.service"],
    ],
    notes: [RESTART_NOTE],
  };
}

/** dockerd asks about each call before it does it: also for who reaches its own socket. Throws E_GUARD_INSTALL. */
export function planAuthz(host: HostFacts, policy: string, upstream: string): Plan {
  const plugins = listIn(host.daemonJson, "authorization-plugins");
  const content = edit(host.daemonJson, ["authorization-plugins"], [...new Set([...plugins, AUTHZ_NAME])]);
  const daemonJson = { path: DAEMON_JSON, content, mode: 0o644 };
  if (!host.systemd)
    return {
      ways: ["authz"],
      files: [daemonJson],
      links: [],
      commands: [],
      notes: [
        `Start \`petrify guard authz --upstream ${upstream} --policy ${policy}\` before dockerd, as root, and keep it running: without it dockerd refuses every call.`,
        "Then restart dockerd.",
      ],
    };
  return {
    ways: ["authz"],
    files: [
      {
        path: `${UNITS}/petrify-guard-authz.service`,
        content: authzService({ node: host.node, main: host.main, policy }, upstream),
        mode: 0o644,
      },
      { path: `${UNITS}/docker.service.d/50-petrify.conf`, content: dockerServiceDropIn(), mode: 0o644 },
      daemonJson,
    ],
    links: [],
    commands: [
      ["systemctl", "daemon-reload"],
      ["systemctl", "start", "petrify-guard-authz.service"],
      ["systemctl", "restart", "docker.service"],
    ],
    notes: [RESTART_NOTE],
  };
}

const RESTART_NOTE =
  "Restarting docker.service stops its containers, unless `live-restore` is set in /etc/docker/daemon.json; those with a restart policy come back.";

/** Members of a list in daemon.json. */
export function listIn(text: string | undefined, name: string): readonly string[] {
  const value = parsed(text)[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

export function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw damaged();
}

/** Throws E_GUARD_INSTALL. */
export function edit(text: string | undefined, path: readonly string[], value: unknown): string {
  try {
    return withMember(text, path, value);
  } catch (error) {
    throw error instanceof NoObjectError ? damaged() : error;
  }
}

function damaged(): PetrifyError {
  return new PetrifyError("E_GUARD_INSTALL", `${DAEMON_JSON} is no JSON object, or names a setting twice.`, {
    hint: "dockerd does not start with it either: mend it first.",
  });
}

/** Owner and mode of the package's own socket. */
function socketSettings(dockerSocket: string): SocketSettings {
  const value = (name: string, fallback: string): string =>
    [...dockerSocket.matchAll(new RegExp(`^${name}=(\\S+)\\s*$`, "gm"))].at(-1)?.[1] ?? fallback;
  return {
    listen: DOCKER_SOCKET.replace(/^\/var\/run/, "/run"),
    mode: value("SocketMode", "0660"),
    user: value("SocketUser", "root"),
    group: value("SocketGroup", "docker"),
  };
}

/** Only a dockerd that takes its socket from systemd moves with docker.socket. */
function requireActivation({ dockerService = "", daemonJson }: HostFacts): void {
  // Drop-ins come after the unit: the last one counts.
  const starts = [...dockerService.matchAll(/^ExecStart=((?:[^\\\n]|\\\n|\\.)*)/gm)];
  const start = starts.at(-1)?.[1] ?? "";
  const others = [...start.matchAll(/(?:-H|--host)[= ]+(\S+)/g)].flatMap(([, host = ""]) =>
    host === "fd://" ? [] : [host],
  );
  if (start.includes("fd://") && others.length === 0 && parsed(daemonJson)["hosts"] === undefined) return;
  throw new PetrifyError("E_GUARD_INSTALL", "dockerd does not take its only socket from docker.socket.", {
    hint: "Make it start with `-H fd://` and no other host in docker.service and /etc/docker/daemon.json, then install again.",
  });
}

function withoutSystemd({ daemonJson }: HostFacts, policy: string): Plan {
  const hosts = listIn(daemonJson, "hosts").filter((host) => !isDefaultSocket(host));
  const content = edit(daemonJson, ["hosts"], [...new Set([`unix://${ENGINE_SOCKET}`, ...hosts])]);
  return {
    ways: ["docker"],
    files: [{ path: DAEMON_JSON, content, mode: 0o644 }],
    links: [],
    commands: [],
    notes: [
      `Before dockerd starts, make the directory of its socket: \`install -d -m 0700 ${ENGINE_SOCKET.replace(/\/[^/]*$/, "")}\`.`,
      "Take every -H and --host out of what starts dockerd (/etc/default/docker, the init script): it does not start with both. Then restart it.",
      `Start \`petrify guard --docker-socket ${DOCKER_SOCKET} --upstream ${ENGINE_SOCKET} --policy ${policy}\` as root after dockerd, and keep it running.`,
    ],
  };
}

function isDefaultSocket(host: string): boolean {
  return /^unix:\/\/(?:\/var)?\/run\/docker\.sock$/.test(host);
}
