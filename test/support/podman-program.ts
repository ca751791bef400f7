import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineProgram } from "../../src/engine/embedded/program.ts";

const PACKAGES =
  "podman conmon crun netavark catatonit iptables uidmap busybox-static golang-github-containers-common golang-github-containers-image";

/** Debian's Podman as a package manager would set it up, with crun; `podman system service` at the layout's socket. */
export const PODMAN = podman("root");
/** The same as an unprivileged user runs it, with a range of subordinate ids. */
export const ROOTLESS_PODMAN = podman("stone");

function podman(user: "root" | "stone"): EngineProgram {
  return {
    packages: PACKAGES.split(" "),
    prepare(layout, packages, _proxy) {
      const configuration = join(layout.runDir, "containers");
      const temporary = join(layout.dataDir, "tmp");
      for (const directory of [configuration, temporary]) mkdirSync(directory, { recursive: true });
      writeFileSync(join(configuration, "containers.conf"), CONTAINERS_CONF);
      if (user === "root") writeFileSync(join(configuration, "storage.conf"), storageConf(layout.dataDir));
      const { runDir, cgroupParent, socketPath } = layout;
      return {
        script: ENTRY,
        args: [join(packages.root, "bin/busybox"), packages.root, runDir, cgroupParent, socketPath, user],
        env: user === "root" ? { TMPDIR: temporary } : {},
      };
    },
  };
}

/**
 * There is no systemd in the namespaces: no cgroups by it, no journal. Podman raises a container's limits to its own liking
 * unless it is told some; where root lacks CAP_SYS_RESOURCE, as in many CI containers, that fails.
 */
const CONTAINERS_CONF = `
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[network]
network_backend = "netavark"
`;

function storageConf(dataDir: string): string {
  return `
[storage]
driver = "overlay"
runroot = "/run/containers/storage"
graphroot = ${JSON.stringify(dataDir)}
`;
}

/**
 * Podman is a handful of programs that find each other, their plugins and their settings at fixed paths. So the unpacked
 * files are laid over /usr and /etc, in this mount namespace alone, and /run, /var/lib and /dev/shm (its locks) become private.
 *
 * - Its containers' monitors (conmon) get no environment to know them by. A cgroup namespace puts all it starts below the
 *   engine's own cgroup, where the clean-up looks.
 * - crun refuses hybrid hierarchies, so the v2 one is taken out of sight.
 * - A v1 cpuset takes no process before it has processors; in v2 only leaves may hold processes.
 * - iptables is a link that its package's script makes.
 */
const ENTRY = `
set -eu
busybox=$1 root=$2 run=$3 cgroup=$4 socket=$5 user=$6
"$busybox" ip link set lo up
if "$busybox" grep -q ' /sys/fs/cgroup/unified cgroup2 ' /proc/self/mounts; then umount /sys/fs/cgroup/unified; fi
if [ -e /sys/fs/cgroup/cgroup.procs ]; then hierarchies=/sys/fs/cgroup; else hierarchies=$(echo /sys/fs/cgroup/*); fi
for hierarchy in $hierarchies; do
  for child in "$cgroup" "$cgroup/engine"; do
    mkdir -p "$hierarchy/$child"
    for file in cpuset.cpus cpuset.mems; do
      if [ -e "$hierarchy/cpuset.sched_load_balance" ]; then cat "$hierarchy/$file" > "$hierarchy/$child/$file"; fi
    done
  done
  echo $$ > "$hierarchy/$cgroup/cgroup.procs"
done
fs=$run/fs
mkdir -p "$fs"
mount -t tmpfs -o mode=0755 petrify "$fs"
mkdir -p "$fs/usr/sbin" "$fs/etc" "$fs/etc.work" "$fs/lib" "$fs/lib.work" "$fs$run" "$fs/run/lock"
for name in iptables ip6tables; do ln -s xtables-nft-multi "$fs/usr/sbin/$name"; done
mount -t overlay -o "lowerdir=$fs/usr:$root/usr:/usr" petrify /usr
mount -t overlay -o "lowerdir=$root/etc:/etc,upperdir=$fs/etc,workdir=$fs/etc.work" petrify /etc
mount -t overlay -o "lowerdir=/var/lib,upperdir=$fs/lib,workdir=$fs/lib.work" petrify /var/lib
mount -t tmpfs -o mode=1777,size=64m petrify /dev/shm
cp "$run/containers/"* /etc/containers/
mount --bind "$run" "$fs$run"
mount --rbind "$fs/run" /run
if [ "$user" != root ]; then
  echo "$user:x:64321:64321::$run/home:/bin/sh" >> /etc/passwd
  echo "$user:x:64321:" >> /etc/group
  for file in subuid subgid; do echo "$user:20000000:65536" > "/etc/$file"; done
  mkdir -p -m 0700 "$run/home/run"
  chown -R "$user" "$run/home"
  chown "$user" "$run"
  chmod 0711 "$run"
fi
exec unshare --cgroup sh -euc '
  cgroup=$1 socket=$2 user=$3 run=$4; shift 4
  for hierarchy in "$@"; do
    mount --bind "$hierarchy/$cgroup" "$hierarchy"
    echo $$ > "$hierarchy/engine/cgroup.procs"
  done
  set -- podman system service --time 0 "unix://$socket"
  if [ "$user" = root ]; then exec "$@"; fi
  cd "$run/home"
  export HOME=$run/home XDG_RUNTIME_DIR=$run/home/run USER="$user"
  exec setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
' podman "$cgroup" "$socket" "$user" "$run" $hierarchies
`;
