import type { AuditMount, SettingName, Settings } from "../container.ts";

type Keys = Readonly<Record<string, unknown>>;
/** What a setting is in the container, its security context, and the pod and its security context. */
interface Parts {
  readonly container?: Keys;
  readonly security?: Keys;
  readonly pod?: Keys;
  readonly podSecurity?: Keys;
}
type Write = { readonly [N in SettingName]?: (value: NonNullable<Settings[N]>) => Parts | undefined };

const PROFILES: Readonly<Record<string, string>> = { unconfined: "Unconfined", RuntimeDefault: "RuntimeDefault" };
const PROPAGATION: Readonly<Record<string, string>> = { rshared: "Bidirectional" };

/** How a pod says each setting; undefined for a value that it cannot say. */
const WRITE: Write = {
  image: ({ value }) => ({ container: { image: value } }),
  readOnlyRoot: ({ value }) => ({ security: { readOnlyRootFilesystem: value } }),
  misplacedReadOnlyRoot: () => ({ pod: { readOnlyRootFilesystem: true } }),
  privileged: ({ value }) => ({ security: { privileged: value } }),
  user: ({ value }) => {
    const [user, group] = value.split(":").map(Number);
    if (!Number.isInteger(user)) return undefined;
    return { security: { runAsUser: user, ...(group === undefined ? {} : { runAsGroup: group }) } };
  },
  capAdd: ({ value }) => ({ security: { capabilities: { add: value } } }),
  capDrop: ({ value }) => ({ security: { capabilities: { drop: value } } }),
  noNewPrivileges: ({ value }) => ({ security: { allowPrivilegeEscalation: !value } }),
  seccomp: ({ value }) => ({ podSecurity: { seccompProfile: { type: PROFILES[value] } } }),
  appArmor: ({ value }) => ({ security: { appArmorProfile: { type: PROFILES[value] } } }),
  selinux: () => ({ security: { seLinuxOptions: { type: "spc_t" } } }),
  unmaskedPaths: () => ({ security: { procMount: "Unmasked" } }),
  mounts: (mounts) => ({
    container: { volumeMounts: mounts.map(mountOf) },
    pod: { volumes: mounts.map((mount, index) => ({ name: `v${index}`, ...volumeOf(mount) })) },
  }),
  network: ({ value }) => (value === "host" ? { pod: { hostNetwork: true } } : undefined),
  pid: ({ value }) => ({ pod: value === "host" ? { hostPID: true } : { shareProcessNamespace: true } }),
  ipc: () => ({ pod: { hostIPC: true } }),
  userns: () => ({ pod: { hostUsers: true } }),
  ports: (ports) => ({
    container: {
      ports: ports.map(({ hostIp, hostPort, containerPort }) => ({
        containerPort,
        ...(hostPort === undefined ? {} : { hostPort }),
        ...(hostIp === undefined ? {} : { hostIP: hostIp }),
      })),
    },
  }),
  memoryBytes: ({ value }) => limit({ memory: value }),
  cpus: ({ value }) => limit({ cpu: `${value * 1000}m` }),
  healthcheck: ({ value }) => (value ? { container: { livenessProbe: { exec: { command: ["true"] } } } } : undefined),
  command: ({ value }) => ({ container: { args: value } }),
  environment: ({ value }) => ({ container: { env: value.map(variable) } }),
  sysctls: ({ value }) => ({ podSecurity: { sysctls: value.map((name) => ({ name, value: "1" })) } }),
};

/** A Deployment whose container has these settings, or a pod with it as an ephemeral one; undefined when it cannot say one. */
export function asKubernetes(settings: Settings, role: "main" | "ephemeral"): object | undefined {
  const written = Object.entries(settings).map(([name, value]) => WRITE[name as SettingName]?.(value as never));
  if (written.includes(undefined)) return undefined;
  const all = (part: keyof Parts): Keys => written.reduce<Keys>((keys, one) => merged(keys, one?.[part] ?? {}), {});
  const container = { name: "web", ...all("container"), securityContext: all("security") };
  const pod = { ...all("pod"), securityContext: all("podSecurity") };
  const metadata = { name: "web" };
  if (role === "ephemeral")
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: { ...pod, containers: [], ephemeralContainers: [container] },
    };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { template: { metadata: { labels: { app: "web" } }, spec: { ...pod, containers: [container] } } },
  };
}

function limit(limits: Keys): Parts {
  return { container: { resources: { limits } } };
}

/** Maps of both, such as capabilities and limits, are put together. */
function merged(one: Keys, other: Keys): Keys {
  const entries = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isKeys(before) && isKeys(value) ? merged(before, value) : value];
  });
  return { ...one, ...(Object.fromEntries(entries) as Keys) };
}

function isKeys(value: unknown): value is Keys {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mountOf({ target, readOnly, exec, propagation }: AuditMount, index: number): Keys {
  return {
    name: `v${index}`,
    mountPath: target,
    ...(readOnly ? { readOnly } : {}),
    ...(exec === false ? { bindMountOptions: ["noexec"] } : {}),
    ...(propagation === undefined ? {} : { mountPropagation: PROPAGATION[propagation] }),
  };
}

function volumeOf({ type, source, sizeBytes }: AuditMount): Keys {
  if (type === "bind") return { hostPath: { path: source } };
  if (type === "volume" && source !== undefined) return { persistentVolumeClaim: { claimName: source } };
  return {
    emptyDir: {
      ...(type === "tmpfs" ? { medium: "Memory" } : {}),
      ...(typeof sizeBytes === "number" ? { sizeLimit: sizeBytes } : {}),
    },
  };
}

function variable(text: string): Keys {
  const [name, value] = text.split("=");
  return value === undefined ? { name, valueFrom: { secretKeyRef: { name: "db", key: "password" } } } : { name, value };
}
