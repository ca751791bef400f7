import type { AuditedContainer, AuditMount, SettingName, Settings } from "../container.ts";
import { exampleSteps, exampleStrategy, volumeEntry } from "../rules/examples.ts";
import { beside, type Change, change, CLEAN_MOUNTS } from "./one-field.ts";

const ENGINE_SOCKETS =
  "/run/docker.sock /var/run/docker.sock /run/podman/podman.sock /run/crio/crio.sock /run /var/run";
const HOST_SYSTEM =
  "/ /etc /usr /usr/bin /lib/modules /boot /proc /sys/fs/cgroup /var/lib/docker /var/lib/kubelet/pods /root";
const CODE = "/bin /usr /usr/bin /usr/sbin /lib /lib64 /usr/local/bin /etc /etc/cron.d /usr/lib/python3";
const TO_THE_HOST = "SYS_MODULE SYS_RAWIO SYS_PTRACE SYS_BOOT DAC_READ_SEARCH BPF MAC_ADMIN MAC_OVERRIDE SYSLOG";
const BEYOND_DEFAULT = "NET_ADMIN SYS_TIME SYS_NICE SYS_RESOURCE IPC_LOCK PERFMON NET_BROADCAST CHECKPOINT_RESTORE";
const OF_DEFAULT = "CHOWN NET_BIND_SERVICE SETUID KILL NET_RAW";

/** An image is asked for neither a read-only root nor mounts. */
const NOT_OF_IMAGES: Change["but"] = { image: [], dockerfile: [] };

const SETTINGS: readonly Change[] = [
  change("readOnlyRoot", "nothing", { readOnlyRoot: undefined }, ["read-only-root"]),
  change("readOnlyRoot", "false", { readOnlyRoot: { value: false } }, ["read-only-root"]),
  change("misplacedReadOnlyRoot", "the pod", { readOnlyRoot: undefined, misplacedReadOnlyRoot: { value: "spec" } }, [
    "read-only-root",
  ]),
  change("privileged", "true", { privileged: { value: true } }, ["remountable-root", "privileged"]),
  change("privileged", "false", { privileged: { value: false } }, []),
  change("unmaskedPaths", "true", { unmaskedPaths: { value: true } }, ["unmasked-paths"]),
  change("capAdd", "SYS_ADMIN", { capAdd: { value: ["SYS_ADMIN"] } }, ["remountable-root", "host-capabilities"]),
  change("capAdd", "ALL", { capAdd: { value: ["ALL"] } }, ["remountable-root", "host-capabilities"]),
  ...each(TO_THE_HOST, (name) => change("capAdd", name, { capAdd: { value: [name] } }, ["host-capabilities"])),
  ...each(BEYOND_DEFAULT, (name) => change("capAdd", name, { capAdd: { value: [name] } }, ["added-capabilities"])),
  ...each(OF_DEFAULT, (name) => change("capAdd", name, { capAdd: { value: [name] } }, [])),
  change("capDrop", "nothing", { capDrop: undefined }, ["undropped-capabilities"]),
  change("capDrop", "NET_RAW", { capDrop: { value: ["NET_RAW"] } }, ["undropped-capabilities"]),
  change("noNewPrivileges", "nothing", { noNewPrivileges: undefined }, ["no-new-privileges"]),
  change("noNewPrivileges", "false", { noNewPrivileges: { value: false } }, ["no-new-privileges"]),
  change("seccomp", "unconfined", { seccomp: { value: "unconfined" } }, ["seccomp-off"]),
  change("seccomp", "nothing", { seccomp: undefined }, [], { kubernetes: ["seccomp-off"] }),
  change("appArmor", "unconfined", { appArmor: { value: "unconfined" } }, ["apparmor-off"]),
  change("selinux", "disable", { selinux: { value: "disable" } }, ["selinux-off"]),
  change("user", "root", { user: { value: "root" } }, ["root-user"]),
  change("user", "0", { user: { value: "0" } }, ["root-user"]),
  change("user", "nothing", { user: undefined }, [], {
    kubernetes: ["root-user"],
    image: ["root-user"],
    dockerfile: ["root-user"],
  }),
  ...each("network pid ipc uts userns", (name) =>
    change(name as SettingName, "host", { [name]: { value: "host" } }, [`host-${name}`]),
  ),
  change("network", "bridge", { network: { value: "bridge" } }, ["default-bridge"], {
    swarm: [],
    kubernetes: [],
    quadlet: [],
    ecs: [],
  }),
  change("network", "one of its own", { network: { value: "shop" } }, []),
  change("pid", "another container's", { pid: { value: "container:db" } }, ["shared-processes"]),
  change("mounts", "none", { mounts: [] }, ["unobserved-places"]),
  change("mounts", "only /tmp", { mounts: [tmpfs("/tmp", { sizeBytes: 2 ** 20 })] }, ["unobserved-places"]),
  change("mounts", "+ a tmpfs without size", plus(tmpfs("/x", { sizeBytes: null })), ["unbounded-tmpfs"]),
  change("mounts", "+ a tmpfs with a size", plus(tmpfs("/x", { sizeBytes: 2 ** 20 })), []),
  change("mounts", "+ an executable tmpfs", plus(tmpfs("/x", { sizeBytes: 2 ** 20, exec: true })), [
    "executable-places",
  ]),
  change("mounts", "+ log files", plus({ ...volume(), target: "/var/log/web" }), ["log-files"]),
  change(
    "mounts",
    "+ an endless emptyDir",
    plus({ type: "volume", target: "/x", readOnly: false, sizeBytes: null }),
    [],
    {
      kubernetes: ["unbounded-scratch"],
    },
  ),
  change("mounts", "+ shared", plus({ ...bind("/srv/x"), propagation: "rshared" }), ["shared-propagation"], {
    kubernetes: ["shared-propagation", "host-path"],
  }),
  change("mounts", "+ a bind of data", plus(bind("/srv/x")), [], { kubernetes: ["host-path"] }),
  change("mounts", "+ the host's root, read-only", plus({ ...bind("/"), readOnly: true }), ["readable-host-secrets"]),
  ...each(ENGINE_SOCKETS, (path) => change("mounts", `+ ${path}`, plus(bind(path)), ["engine-socket"])),
  ...each(ENGINE_SOCKETS, (path) =>
    change("mounts", `+ ${path}, read-only`, plus({ ...bind(path), readOnly: true }), ["engine-socket"]),
  ),
  ...each(HOST_SYSTEM, (path) => change("mounts", `+ ${path}`, plus(bind(path)), ["writable-host-system"])),
  ...each(CODE, (target) =>
    change("mounts", `+ a volume over ${target}`, plus({ ...volume(), target }), ["writable-code"]),
  ),
  ...each(CODE, (target) =>
    change("mounts", `+ a read-only volume over ${target}`, plus({ ...volume(), target, readOnly: true }), []),
  ),
  ...each("/dev/sda /dev/nvme0n1 /dev/mapper/root /dev/mem /dev", (path) =>
    change("devices", path, { devices: { value: [path] } }, ["raw-devices"]),
  ),
  ...each("/dev/ttyUSB0 /dev/dri /dev/fuse", (path) =>
    change("devices", path, { devices: { value: [path] } }, ["host-devices"]),
  ),
  change("deviceRules", "all blocks", { deviceRules: { value: ["b *:* rwm"] } }, ["raw-devices"]),
  change("deviceRules", "a serial port", { deviceRules: { value: ["c 188:* rw"] } }, []),
  change("sysctls", "forwarding", { sysctls: { value: ["net.ipv4.ip_forward"] } }, ["unsafe-sysctls"]),
  change("sysctls", "a safe one", { sysctls: { value: ["net.ipv4.tcp_syncookies"] } }, []),
  change("cgroupParent", "system.slice", { cgroupParent: { value: "system.slice" } }, ["cgroup-parent"]),
  change("ignored", "privileged", { ignored: [{ value: "privileged" }] }, ["ignored-setting"], {
    compose: [],
    quadlet: [],
    kubernetes: [],
    engine: [],
    ecs: [],
    command: [],
    image: [],
    dockerfile: [],
  }),
  change("memoryBytes", "nothing", { memoryBytes: undefined }, ["memory-limit"]),
  change("cpus", "nothing", { cpus: undefined }, ["cpu-limit"]),
  change("pidsLimit", "nothing", { pidsLimit: undefined }, ["pids-limit"], { quadlet: [] }),
  change("pidsLimit", "-1", { pidsLimit: { value: -1 } }, ["pids-limit"]),
  change("ulimits", "nproc -1", { ulimits: { value: [{ name: "nproc", soft: -1, hard: -1 }] } }, ["unlimited-ulimits"]),
  change("restart", "always", { restart: { value: { policy: "always" } } }, []),
  change("restart", "on-failure:9", { restart: { value: { policy: "on-failure", maxRetries: 9 } } }, [
    "endless-restarts",
  ]),
  change("restart", "on-failure:5", { restart: { value: { policy: "on-failure", maxRetries: 5 } } }, []),
  change("healthcheck", "off", { healthcheck: { value: false } }, ["healthcheck"]),
  change("healthcheck", "nothing", { healthcheck: undefined }, [], {
    kubernetes: ["healthcheck"],
    ecs: ["healthcheck"],
    image: ["healthcheck"],
    dockerfile: ["healthcheck"],
  }),
  change("logDriver", "none", { logDriver: { value: "none" } }, ["no-log"]),
  change("logDriver", "json-file", { logDriver: { value: "json-file" } }, ["unbounded-logs"]),
  change("logDriver", "journald", { logDriver: { value: "journald" } }, []),
  change("environment", "a password", { environment: { value: ["DB_PASSWORD=hunter2"] } }, ["secrets-in-environment"]),
  change("environment", "a name", { environment: { value: ["DB_PASSWORD", "TZ=UTC"] } }, []),
  change("image", "no tag", { image: { value: "web" } }, ["latest-tag"]),
  change("image", "latest", { image: { value: "web:latest" } }, ["latest-tag"]),
  change("image", "a tag", { image: { value: "web:1.0" } }, ["unpinned-image"], { engine: [], image: [] }),
  change("command", "a supervisor", { command: { value: ["supervisord"] } }, ["several-applications"]),
  change("command", "sshd", { command: { value: ["/usr/sbin/sshd", "-D"] } }, ["ssh-server"]),
  change("command", "two", { command: { value: ["sh", "-c", "crond & web"] } }, ["several-applications"]),
  change("command", "code on a volume", { command: { value: ["/data/web"] } }, ["writable-code"], {
    image: [],
    dockerfile: [],
  }),
  change(
    "ports",
    "80 of all",
    { ports: [{ hostPort: 80, containerPort: 80 }] },
    ["all-interfaces", "privileged-ports"],
    {
      swarm: ["privileged-ports"],
      ecs: ["privileged-ports"],
      kubernetes: ["privileged-ports", "host-port"],
    },
  ),
  change("ports", "8080 of ::", { ports: [{ hostIp: "::", hostPort: 8080, containerPort: 80 }] }, ["all-interfaces"], {
    swarm: [],
    ecs: [],
    kubernetes: ["host-port"],
  }),
  change("ports", "8080 of loopback", { ports: [{ hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80 }] }, [], {
    kubernetes: ["host-port"],
  }),
];

/** What only an image, a strategy, an engine or the role tells. */
const BESIDE: readonly Change[] = [
  beside("image facts", "a VOLUME", { image: { repoDigests: [], volumes: ["/x"] } }, ["declared-volumes"]),
  beside("image facts", "a VOLUME that has a mount", { image: { repoDigests: [], volumes: ["/data"] } }, [], {
    image: ["declared-volumes"],
    dockerfile: ["declared-volumes"],
  }),
  beside("image facts", "setuid", { image: { repoDigests: [], setuid: ["/bin/su"] } }, [], {
    image: ["setuid-programs"],
    dockerfile: ["setuid-programs"],
    swarm: ["setuid-programs"],
  }),
  beside("image facts", "a shell", { image: { repoDigests: [], tools: ["/bin/sh"] } }, [], {
    image: ["image-tools"],
    dockerfile: ["image-tools"],
  }),
  ...(
    [
      ["RUN curl https://example.com/i | sh", "piped-download"],
      ["RUN apt-get update", "lone-update"],
      ["ADD src /app", "added-files"],
      ["ARG NPM_TOKEN", "build-secrets"],
    ] as const
  ).map(([step, rule]) => beside("image facts", step, { build: exampleSteps(step) }, [], { dockerfile: [rule] })),
  beside("image facts", "a harmless step", { build: exampleSteps("COPY src /app", "RUN make") }, []),
  beside("strategy", "one that fits", { strategy: exampleStrategy({ entries: [volumeEntry("/data")] }) }, []),
  beside("strategy", "one with more places", { strategy: exampleStrategy({}) }, ["missing-places"], NOT_OF_IMAGES),
  beside(
    "strategy",
    "unverified",
    { strategy: exampleStrategy({ standing: "unverified", entries: [] }) },
    ["unverified-strategy"],
    NOT_OF_IMAGES,
  ),
  beside(
    "strategy",
    "incomplete",
    { strategy: exampleStrategy({ incomplete: ["no test"], entries: [] }) },
    ["incomplete-strategy"],
    NOT_OF_IMAGES,
  ),
  beside(
    "strategy",
    "data on the tmpfs",
    { strategy: exampleStrategy({ entries: [volumeEntry("/var/cache/web")] }) },
    ["unkept-data"],
    NOT_OF_IMAGES,
  ),
  beside("state", "data in the layer", { state: stateWith("/x") }, [], { engine: ["data-at-risk"] }),
  beside("role", "ephemeral", { role: "ephemeral" }, []),
  {
    ...change("role", "ephemeral, and writable", { readOnlyRoot: undefined }, [], { kubernetes: ["debug-container"] }),
    container: { role: "ephemeral" },
  },
];

/** Every change, each to be made alone. */
export const CHANGES: readonly Change[] = [...SETTINGS, ...BESIDE];

function stateWith(path: string): NonNullable<AuditedContainer["state"]> {
  const items = [{ path, files: 1, sizeBytes: 1, by: [] }];
  return { status: "running", health: "healthy", atRisk: { items, passing: [] } };
}

function each(names: string, toChange: (name: string) => Change): readonly Change[] {
  return names.split(" ").map(toChange);
}

function plus(mount: AuditMount): Settings {
  return { mounts: [...CLEAN_MOUNTS, mount] };
}

function tmpfs(target: string, rest: Partial<AuditMount>): AuditMount {
  return { type: "tmpfs", target, readOnly: false, exec: false, ...rest };
}

function bind(source: string): AuditMount {
  return { type: "bind", source, target: "/mnt/x", readOnly: false };
}

function volume(): AuditMount {
  return { type: "volume", source: "x", target: "/x", readOnly: false };
}
