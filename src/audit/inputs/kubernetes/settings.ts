import type { Located, Settings } from "../../container.ts";
import type { Fields } from "./fields.ts";
import { misplacedReadOnlyRoot } from "./misplaced.ts";
import { mountsOf } from "./mounts.ts";
import { portsOf } from "./ports.ts";

/** A container's map and what around it decides what it gets. */
export interface PodContainer {
  readonly fields: Fields;
  readonly pod: Fields;
  /** The pod's volumes by name. */
  readonly volumes: ReadonlyMap<unknown, Fields>;
  /** The pod's own metadata. */
  readonly metadata: Fields;
  /** Names of a StatefulSet's claim templates. */
  readonly claims: ReadonlySet<string>;
  readonly os: "linux" | "windows";
}

type Reader = (container: PodContainer) => unknown;

/** What the kubelet makes of container and pod; what a table's function returns undefined for was not set. */
const READERS: { readonly [Name in keyof Settings]?: (container: PodContainer) => Settings[Name] | undefined } = {
  image: ({ fields }) => fields.text("image"),
  readOnlyRoot: (container) => security(container).boolean("readOnlyRootFilesystem"),
  misplacedReadOnlyRoot,
  privileged: (container) => security(container).boolean("privileged") ?? hostProcess(container),
  user: userOf,
  runAsNonRoot: (container) => inherited(container, (context) => context.boolean("runAsNonRoot")),
  capAdd: (container) => capabilities(container, "add"),
  capDrop: (container) => capabilities(container, "drop"),
  // Unset counts as allowed (kubernetes pkg/securitycontext/util.go, AddNoNewPrivileges).
  noNewPrivileges: (container) => {
    const allowed = security(container).boolean("allowPrivilegeEscalation");
    return allowed === undefined ? undefined : { ...allowed, value: !allowed.value };
  },
  seccomp: (container) => inherited(container, (context) => profileOf(context, "seccompProfile")),
  appArmor: (container) =>
    inherited(container, (context) => profileOf(context, "appArmorProfile")) ?? appArmorAnnotation(container),
  selinux: (container) => inherited(container, seLinuxType),
  unmaskedPaths: (container) => {
    const mount = security(container).text("procMount");
    return mount === undefined ? undefined : { ...mount, value: mount.value === "Unmasked" };
  },
  mounts: mountsOf,
  network: ({ pod }) => hostNamespace(pod, "hostNetwork"),
  pid: ({ pod }) => sharedProcesses(pod) ?? hostNamespace(pod, "hostPID"),
  ipc: ({ pod }) => hostNamespace(pod, "hostIPC"),
  userns: ({ pod }) => {
    const host = pod.boolean("hostUsers");
    return host === undefined ? undefined : { ...host, value: host.value ? "host" : "private" };
  },
  ports: portsOf,
  memoryBytes: (container) => limit(container, "memory"),
  cpus: (container) => limit(container, "cpu"),
  healthcheck: ({ fields }) => {
    const probe = ["livenessProbe", "readinessProbe", "startupProbe"].find((key) => fields.has(key));
    return probe === undefined ? undefined : fields.located(true, probe);
  },
  entrypoint: ({ fields }) => fields.texts("command"),
  command: ({ fields }) => fields.texts("args"),
  environment: ({ fields }) => {
    if (!fields.has("env")) return undefined;
    const variables = fields.maps("env").flatMap((item) => {
      const name = item.text("name")?.value;
      if (name === undefined) return [];
      // Of one that comes from elsewhere the value is not here.
      return [item.has("valueFrom") ? name : `${name}=${item.text("value")?.value ?? ""}`];
    });
    return fields.located(variables, "env");
  },
  sysctls: ({ pod }) => {
    const context = pod.map("securityContext");
    if (!context.has("sysctls")) return undefined;
    const names = context.maps("sysctls").flatMap((item) => item.text("name")?.value ?? []);
    return context.located(names, "sysctls");
  },
  runtime: ({ pod }) => pod.text("runtimeClassName"),
};

/** Everything that is set for a container. */
export function settingsOf(container: PodContainer): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(READERS) as [string, Reader][]) {
    const value = read(container);
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

function security({ fields }: PodContainer): Fields {
  return fields.map("securityContext");
}

/** The container's own setting, else the pod's (kubernetes pkg/securitycontext/util.go, DetermineEffectiveSecurityContext). */
function inherited<T>(container: PodContainer, read: (context: Fields) => T | undefined): T | undefined {
  return read(security(container)) ?? read(container.pod.map("securityContext"));
}

function userOf(container: PodContainer): Located<string> | undefined {
  if (container.os === "windows")
    return inherited(container, (context) => context.map("windowsOptions").text("runAsUserName"));
  const user = inherited(container, (context) => context.integer("runAsUser"));
  const group = inherited(container, (context) => context.integer("runAsGroup"));
  if (user === undefined) return undefined;
  return { ...user, value: group === undefined ? String(user.value) : `${user.value}:${group.value}` };
}

/** A Windows container that is a process of its host. */
function hostProcess(container: PodContainer): Located<boolean> | undefined {
  return inherited(container, (context) => context.map("windowsOptions").boolean("hostProcess"));
}

function capabilities(container: PodContainer, key: "add" | "drop"): Located<readonly string[]> | undefined {
  const list = security(container).map("capabilities").texts(key);
  return list === undefined
    ? undefined
    : { ...list, value: list.value.map((name) => name.toUpperCase().replace(/^CAP_/, "")) };
}

function profileOf(context: Fields, key: string): Located<string> | undefined {
  const profile = context.map(key);
  const type = profile.text("type");
  if (type === undefined) return undefined;
  const value = {
    Unconfined: "unconfined",
    RuntimeDefault: "runtime/default",
    Localhost: `localhost/${profile.text("localhostProfile")?.value ?? ""}`,
  }[type.value];
  return context.located(value ?? type.value, key);
}

/** Deprecated for the field since 1.30, and copied into it since; that of seccomp has not been read since 1.27. */
function appArmorAnnotation({ fields, metadata }: PodContainer): Located<string> | undefined {
  const annotations = metadata.map("annotations");
  const key = `container.apparmor.security.beta.kubernetes.io/${fields.text("name")?.value}`;
  return annotations.has(key) ? annotations.text(key) : undefined;
}

/** spc_t, and container_t with nothing enforced, are how SELinux is switched off for a container. */
function seLinuxType(context: Fields): Located<string> | undefined {
  if (!context.has("seLinuxOptions")) return undefined;
  const type = context.map("seLinuxOptions").text("type")?.value;
  return context.located(type === "spc_t" ? "disable" : (type ?? "container_t"), "seLinuxOptions");
}

function hostNamespace(pod: Fields, key: string): Located<string> | undefined {
  const host = pod.boolean(key);
  return host === undefined ? undefined : { ...host, value: host.value ? "host" : "private" };
}

/** The API server refuses it beside the host's processes. */
function sharedProcesses(pod: Fields): Located<string> | undefined {
  const shared = pod.boolean("shareProcessNamespace");
  return shared?.value === true ? { ...shared, value: "shared" } : undefined;
}

/** The container's own, else that of the whole pod (since 1.34 by default). */
function limit({ fields, pod }: PodContainer, resource: string): Located<number> | undefined {
  return fields.map("resources", "limits").quantity(resource) ?? pod.map("resources", "limits").quantity(resource);
}
