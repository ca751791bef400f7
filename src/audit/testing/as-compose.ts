import type { AuditMount, SettingName, Settings } from "../container.ts";

type Keys = Readonly<Record<string, unknown>>;
type Write = { readonly [N in SettingName]?: (value: NonNullable<Settings[N]>) => Keys | undefined };

const items =
  (name: string) =>
  (setting: { readonly value: unknown }): Keys => ({ [name]: setting.value });
const option = (text: string): Keys => ({ security_opt: [text] });

/** How a service of Compose says each setting. */
const WRITE: Write = {
  image: items("image"),
  readOnlyRoot: items("read_only"),
  privileged: items("privileged"),
  user: items("user"),
  capAdd: items("cap_add"),
  capDrop: items("cap_drop"),
  noNewPrivileges: ({ value }) => option(`no-new-privileges:${value}`),
  seccomp: ({ value }) => option(`seccomp=${value}`),
  appArmor: ({ value }) => option(`apparmor=${value}`),
  selinux: ({ value }) => option(`label=${value}`),
  unmaskedPaths: () => option("systempaths=unconfined"),
  mounts: (mounts) => ({
    volumes: mounts.filter((mount) => !isShortTmpfs(mount)).map(volume),
    tmpfs: mounts.filter(isShortTmpfs).map(shortTmpfs),
  }),
  network: ({ value }) =>
    ["host", "bridge"].includes(value) ? { network_mode: value } : { networks: { [value]: null } },
  pid: items("pid"),
  ipc: items("ipc"),
  uts: items("uts"),
  userns: items("userns_mode"),
  ports: (ports) => ({
    ports: ports.map(({ hostIp, hostPort, containerPort }) => ({
      target: containerPort,
      ...(hostPort === undefined ? {} : { published: String(hostPort) }),
      ...(hostIp === undefined ? {} : { host_ip: hostIp }),
    })),
  }),
  memoryBytes: items("mem_limit"),
  cpus: items("cpus"),
  pidsLimit: items("pids_limit"),
  devices: ({ value }) => ({ devices: value.map((path) => `${path}:${path}`) }),
  deviceRules: items("device_cgroup_rules"),
  cgroupParent: items("cgroup_parent"),
  restart: ({ value: { policy, maxRetries } }) => ({
    restart: maxRetries === undefined ? policy : `${policy}:${maxRetries}`,
  }),
  ulimits: ({ value }) => ({
    ulimits: Object.fromEntries(value.map(({ name, soft, hard }) => [name, { soft, hard }])),
  }),
  healthcheck: ({ value }) => ({ healthcheck: value ? { test: ["CMD", "web", "--check"] } : { disable: true } }),
  logDriver: ({ value }) => ({ logging: { driver: value } }),
  command: items("command"),
  environment: items("environment"),
  sysctls: ({ value }) => ({ sysctls: Object.fromEntries(value.map((name) => [name, 1])) }),
};

/** What a stack of a swarm says in other words. */
const WRITE_IN_STACK: Write = {
  memoryBytes: ({ value }) => limit({ memory: String(value) }),
  cpus: ({ value }) => limit({ cpus: String(value) }),
  pidsLimit: ({ value }) => limit({ pids: value }),
  restart: ({ value: { policy, maxRetries } }) => ({
    deploy: { restart_policy: { condition: policy === "always" ? "any" : policy, max_attempts: maxRetries } },
  }),
  // Its own mode counts for nothing there: the host's network is one that exists.
  network: ({ value }) =>
    value === "bridge" ? undefined : { networks: { [value === "host" ? "outside" : value]: null } },
  ignored: (keys) => Object.fromEntries(keys.map(({ value }) => [value, true])),
};

/** A Compose file, or a stack, with a service `web` that has these settings; undefined when it cannot say one of them. */
export function asCompose(settings: Settings, kind: "compose" | "swarm"): object | undefined {
  const write = kind === "swarm" ? { ...WRITE, ...WRITE_IN_STACK } : WRITE;
  const written = Object.entries(settings).map(([name, value]) => write[name as SettingName]?.(value as never));
  if (written.includes(undefined)) return undefined;
  const start: Keys = kind === "swarm" ? { deploy: { placement: { constraints: ["node.role == worker"] } } } : {};
  const sources = (settings.mounts ?? []).flatMap(({ type, source }) => (type === "volume" ? (source ?? []) : []));
  return {
    services: { web: written.reduce<Keys>((all, one) => merged(all, one ?? {}), start) },
    volumes: Object.fromEntries(sources.map((source) => [source, null])),
    networks: { shop: null, outside: { external: true, name: "host" } },
  };
}

function limit(limits: Keys): Keys {
  return { deploy: { resources: { limits } } };
}

function merged(one: Keys, other: Keys): Keys {
  const entries = Object.entries(other).map(([key, value]): readonly [string, unknown] => {
    const before = one[key];
    if (Array.isArray(before) && Array.isArray(value))
      return [key, [...(before as unknown[]), ...(value as unknown[])]];
    return [key, isKeys(before) && isKeys(value) ? merged(before, value) : value];
  });
  return { ...one, ...Object.fromEntries(entries) };
}

function isKeys(value: unknown): value is Keys {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The long syntax has no word for exec. */
function isShortTmpfs({ type, exec }: AuditMount): boolean {
  return type === "tmpfs" && exec === true;
}

function shortTmpfs({ target, sizeBytes }: AuditMount): string {
  return `${target}:exec${typeof sizeBytes === "number" ? `,size=${sizeBytes}` : ""}`;
}

function volume({ type, source, target, readOnly, sizeBytes, propagation }: AuditMount): Keys {
  return {
    type,
    target,
    ...(source === undefined ? {} : { source }),
    ...(readOnly ? { read_only: true } : {}),
    ...(type === "tmpfs" && typeof sizeBytes === "number" ? { tmpfs: { size: sizeBytes } } : {}),
    ...(propagation === undefined ? {} : { bind: { propagation } }),
  };
}
