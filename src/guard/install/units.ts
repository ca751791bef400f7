/** A word of a systemd command line that means exactly this text (systemd.service, "Command lines"; systemd.syntax, "Quoting"). */
export function unitWord(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_@:=,./%$+-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/**
 * What a guard may do at most. It reads the policy and the strategies, wherever they are, and talks to sockets that root owns. No
 * MemoryDenyWriteExecute: V8 compiles at run time. CAP_WAKE_ALARM does no harm and is no container's: without one that theirs lack, root in
 * a container that sees the host's processes could enter the guard (ptrace(2), "Ptrace access mode checking").
 */
const HARDENING = `NoNewPrivileges=yes
CapabilityBoundingSet=CAP_WAKE_ALARM
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
StateDirectory=petrify/guard
StateDirectoryMode=0700
UMask=0077`;

/** Begins each unit and drop-in. */
export const MADE_BY = "# Made by `petrify guard install`; removed by `petrify guard uninstall`.\n";

export interface UnitPaths {
  readonly node: string;
  readonly main: string;
  readonly policy: string;
}

/** The guarded socket belongs to systemd: clients wait, and none is refused, while the guard starts anew. */
export function guardSocket({ listen, mode, user, group }: SocketSettings): string {
  return `${MADE_BY}[Unit]
Description=Docker socket, guarded by Petrify
Documentation=man:systemd.socket(5)
Before=sockets.target

[Socket]
ListenStream=${listen}
SocketMode=${mode}
SocketUser=${user}
SocketGroup=${group}

[Install]
WantedBy=sockets.target
`;
}
export interface SocketSettings {
  readonly listen: string;
  readonly mode: string;
  readonly user: string;
  readonly group: string;
}

export function guardService({ node, main, policy }: UnitPaths, upstream: string): string {
  const command = [node, main, "guard", "--upstream", upstream, "--policy", policy].map(unitWord).join(" ");
  return `${MADE_BY}[Unit]
Description=Petrify's guard in front of Docker
Requires=petrify-guard.socket
Wants=docker.socket
After=petrify-guard.socket docker.socket
StartLimitIntervalSec=0

[Service]
ExecStart=${command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
TimeoutStopSec=20
${HARDENING}
`;
}

/** dockerd asks it about every call, and refuses all of them without it: it starts first. */
export function authzService({ node, main, policy }: UnitPaths, upstream: string): string {
  const command = [node, main, "guard", "authz", "--upstream", upstream, "--policy", policy].map(unitWord).join(" ");
  return `${MADE_BY}[Unit]
Description=Petrify's authorization plugin for Docker
Before=docker.service
StartLimitIntervalSec=0

[Service]
ExecStart=${command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
TimeoutStopSec=20
RuntimeDirectory=docker/plugins
RuntimeDirectoryPreserve=yes
${HARDENING}
`;
}

/** The engine's own socket at another place, for root alone. */
export function dockerSocketDropIn(upstream: string): string {
  return `${MADE_BY}[Socket]
ListenStream=
ListenStream=${upstream}
SocketMode=0600
SocketUser=root
SocketGroup=root
DirectoryMode=0700
`;
}

export function dockerServiceDropIn(): string {
  return `${MADE_BY}[Unit]
Wants=petrify-guard-authz.service
After=petrify-guard-authz.service
`;
}
