import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "./layout.ts";
import type { UnpackedPackages } from "./packages.ts";
import type { EngineProgram } from "./program.ts";
import { PROXY_HOST } from "./relay.ts";
import { makeShimDirectory, SHIM_DIRECTORY } from "./shim-directory.ts";

/**
 * Debian's dockerd with a containerd of its own; busybox sets up its namespaces and is the root of doctor's probe container,
 * iptables leads containers of one network to the engine's name server.
 */
export const DOCKERD: EngineProgram = {
  packages: ["docker.io", "containerd", "runc", "crun", "tini", "busybox-static", "iptables"],
  prepare(layout, packages, proxy) {
    makeShimDirectory();
    const containerdConfig = join(layout.runDir, "containerd.toml");
    const dockerdConfig = join(layout.runDir, "dockerd.json");
    const containerdSocket = join(layout.runDir, "containerd.sock");
    writeFileSync(containerdConfig, containerdToml(layout, containerdSocket));
    writeFileSync(dockerdConfig, JSON.stringify(dockerdJson(layout, packages, containerdSocket)));
    const iptables = linkIptables(layout, packages);
    const proxyUrl = `http://petrify:${proxy.token}@${PROXY_HOST}:${proxy.port}`;
    return {
      script: ENTRY,
      args: [join(packages.root, "bin/busybox"), containerdConfig, "--config-file", dockerdConfig],
      env: {
        PATH: `${iptables.directory}:${packages.env.PATH}`,
        XTABLES_LIBDIR: iptables.modules,
        HTTP_PROXY: proxyUrl,
        HTTPS_PROXY: proxyUrl,
      },
    };
  },
};

/**
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
