import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PetrifyError } from "../../model/errors.ts";
import { identify, isAlive, type ProcessIdentity } from "../identity.ts";
import type { Layout } from "./layout.ts";
import type { UnpackedPackages } from "./packages.ts";
import { PROXY_HOST } from "./relay.ts";
import { SHIM_DIRECTORY } from "./shim-directory.ts";
import type { EngineState } from "./state.ts";
import { MARKER } from "./teardown.ts";

/**
 * Runs inside the new namespaces, then becomes dockerd: its pid is the one that was spawned.
 *
 * - A new network namespace has its loopback down.
 * - crun refuses hybrid hierarchies ("cgroups in hybrid mode not supported"), so the v2 one is taken out of sight.
 * - The shims' sockets and the plugins' (/run/docker) of the host's engine, if it has one, are covered by empty ones.
 * - Containers inherit the limit of open files; dockerd's own is the highest allowed.
 */
const ENTRY = `
set -eu
busybox=$1 containerd_config=$2; shift 2
"$busybox" ip link set lo up
if "$busybox" grep -q ' /sys/fs/cgroup/unified cgroup2 ' /proc/self/mounts; then umount /sys/fs/cgroup/unified; fi
for directory in ${SHIM_DIRECTORY} /run/docker; do
  if [ -d "$directory" ]; then mount -t tmpfs -o mode=0700,size=16m petrify "$directory"; fi
done
ulimit -n "$(ulimit -Hn)"
umask 022
containerd --config "$containerd_config" &
exec dockerd "$@"
`;

/**
 * The name that Debian makes when the package is installed (update-alternatives), and where its modules lie. dockerd itself
 * filters nothing (see below); inside of a container's namespace it redirects name look-ups to its own server
 * (moby libnetwork resolver_unix.go), without which containers of one network do not find each other by name.
 */
function linkIptables(
  layout: Layout,
  { root }: UnpackedPackages,
): { readonly directory: string; readonly modules: string } {
  const directory = join(layout.runDir, "bin");
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  rmSync(join(directory, "iptables"), { force: true });
  symlinkSync(join(root, "usr/sbin/xtables-nft-multi"), join(directory, "iptables"));
  return { directory, modules: join(root, "usr/lib", MULTIARCH[process.arch] ?? process.arch, "xtables") };
}
const MULTIARCH: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
};

/** Where nothing else is: the network namespace is the engine's own. */
const BRIDGE = "172.17.0.1/16";

/** Spawns dockerd and containerd in namespaces of their own; they are not ready yet. Throws E_EMBEDDED_START. */
export function spawnDaemon(layout: Layout, packages: UnpackedPackages, proxy: EngineState["proxy"]): ProcessIdentity {
  const containerdConfig = join(layout.runDir, "containerd.toml");
  const dockerdConfig = join(layout.runDir, "dockerd.json");
  const containerdSocket = join(layout.runDir, "containerd.sock");
  for (const directory of [layout.execDir, layout.dataDir]) mkdirSync(directory, { recursive: true, mode: 0o711 });
  const iptables = linkIptables(layout, packages);
  writeFileSync(containerdConfig, containerdToml(layout, containerdSocket));
  writeFileSync(dockerdConfig, JSON.stringify(dockerdJson(layout, packages, containerdSocket)));
  const log = openSync(layout.logFile, "w", 0o600);
  try {
    const proxyUrl = `http://petrify:${proxy.token}@${PROXY_HOST}:${proxy.port}`;
    const daemon = spawn(
      "unshare",
      // slave: what the host mounts later is seen by containers that bind it; what the engine mounts, the host never sees.
      ["--mount", "--net", "--propagation", "slave", "--", "sh", "-c", ENTRY, "petrify-engine"].concat(
        join(packages.root, "bin/busybox"),
        containerdConfig,
        ["--config-file", dockerdConfig],
      ),
      {
        // A session of its own: Ctrl-C reaches every process of the terminal's group, and must not reach this one.
        detached: true,
        cwd: "/",
        stdio: ["ignore", log, log],
        // HOME: dockerd and git look for configuration there.
        env: {
          ...packages.env,
          PATH: `${iptables.directory}:${packages.env.PATH}`,
          XTABLES_LIBDIR: iptables.modules,
          HOME: layout.runDir,
          [MARKER]: layout.runDir,
          HTTP_PROXY: proxyUrl,
          HTTPS_PROXY: proxyUrl,
        },
      },
    );
    daemon.on("error", () => {});
    daemon.unref();
    const identity = daemon.pid === undefined ? undefined : identify(daemon.pid);
    if (identity === undefined) throw startError(layout, "unshare cannot be run");
    return identity;
  } finally {
    closeSync(log);
  }
}

/** Resolves when the engine answers. Throws E_EMBEDDED_START with what it logged. */
export async function untilReady(layout: Layout, daemon: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(layout.socketPath))) {
    if (!isAlive(daemon)) throw startError(layout, "it ended at once");
    if (performance.now() > deadline) throw startError(layout, `it did not answer within ${START_TIMEOUT_MS / 1000} s`);
    await sleep(10);
  }
}
/** A busy disk makes the first start on an empty data directory slow; 0.2 s are usual. */
const START_TIMEOUT_MS = 60_000;

export function answers(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const ping = request({ socketPath, path: "/_ping", timeout: 2000, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  ping.on("timeout", () => ping.destroy());
  ping.on("error", () => resolve(false));
  ping.end();
  return promise;
}

function dockerdJson(layout: Layout, packages: UnpackedPackages, containerdSocket: string): Record<string, unknown> {
  const major = Number.parseInt(packages.versions["docker.io"] ?? "", 10);
  return {
    "data-root": layout.dataDir,
    "exec-root": layout.execDir,
    pidfile: join(layout.runDir, "docker.pid"),
    hosts: [`unix://${layout.socketPath}`],
    containerd: containerdSocket,
    bip: BRIDGE,
    // No route leads out of the namespace, so there is nothing to filter or to translate.
    iptables: false,
    ip6tables: false,
    "ip-masq": false,
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "cgroup-parent": `/${layout.cgroupParent}`,
    // runc stays the default because production runs it: it ignores a tmpfs's mode where crun honours it, and a strategy
    // is proven only on the runtime that it will meet.
    runtimes: { crun: { path: join(packages.root, "usr/bin/crun") } },
    "log-level": "warn",
    // Docker before 23 writes a key to /etc/docker when it starts (moby/moby 43555 ended that).
    ...(major < 23 ? { "deprecated-key-path": join(layout.dataDir, "key.json") } : {}),
  };
}

/** An own containerd rather than dockerd's child: that one makes /opt/containerd on the host. */
function containerdToml(layout: Layout, socket: string): string {
  const snapshotters = ["aufs", "btrfs", "devmapper", "zfs", "native"].map(
    (name) => `io.containerd.snapshotter.v1.${name}`,
  );
  const disabled = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", ...snapshotters];
  return `version = 2
root = ${JSON.stringify(join(layout.dataDir, "containerd"))}
state = ${JSON.stringify(join(layout.execDir, "containerd"))}
disabled_plugins = ${JSON.stringify(disabled)}
[grpc]
address = ${JSON.stringify(socket)}
[debug]
level = "warn"
`;
}

function startError(layout: Layout, what: string): PetrifyError {
  return new PetrifyError(
    "E_EMBEDDED_START",
    `The embedded engine did not start: ${lastError(layout.logFile) ?? what}.`,
    {
      hint: `See ${layout.logFile}; \`petrify doctor\` shows what this host lacks.`,
    },
  );
}

/** The last message of a log in logfmt, or its last line (unshare and sh write plain ones). */
function lastError(logFile: string): string | undefined {
  let lines: string[];
  try {
    lines = readFileSync(logFile, "utf8").trim().split("\n");
  } catch {
    return undefined;
  }
  const errors = lines.filter((line) => /level=(?:error|fatal)|^(?!time=)/.test(line) && line !== "");
  const last = errors.at(-1);
  const message = last === undefined ? undefined : (/msg="((?:[^"\\]|\\.)*)"/.exec(last)?.[1] ?? last);
  return message?.replaceAll('\\"', '"').replace(/\.$/, "");
}
