import type { Located, SettingName, Settings, Ulimit } from "../../container.ts";
import { mountsOf } from "./mounts.ts";
import type { Fields } from "./tree.ts";

const MIB = 2 ** 20;
const CPU_UNITS = 1024;

export interface TaskContainer {
  readonly container: Fields;
  /** Absent: the list of containers stands alone. */
  readonly task?: Fields;
  readonly isFargate: boolean;
}

export interface EcsSettings {
  readonly settings: Settings;
  readonly unknown: readonly SettingName[];
}

/**
 * The settings of a container definition (Amazon ECS API, ContainerDefinition). Limits of the task hold for each of its
 * containers: all of them together cannot use more.
 */
export function settingsOf({ container, task, isFargate }: TaskContainer): EcsSettings {
  const linux = container.map("linuxParameters");
  const mounts = mountsOf(container, task, isFargate);
  const ports = container.maps("portMappings").flatMap((port) => {
    const containerPort = port.number("containerPort")?.value;
    const hostPort = port.number("hostPort")?.value;
    // 0 is a port that the host chooses.
    return containerPort === undefined
      ? []
      : [
          {
            containerPort,
            ...(hostPort === undefined || hostPort === 0 || isFargate ? {} : { hostPort }),
            at: port.place("containerPort"),
          },
        ];
  });
  const network = taskText(task, "networkMode", "network_mode");
  const found: { readonly [N in SettingName]?: Settings[N] | undefined } = {
    image: container.text("image"),
    readOnlyRoot: container.boolean("readonlyRootFilesystem"),
    privileged: container.boolean("privileged"),
    user: container.text("user"),
    capAdd: capabilities(linux, "add"),
    capDrop: capabilities(linux, "drop"),
    ...securityOptions(container),
    ...(mounts.length > 0 ? { mounts } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    // Each task has an interface of its own with awsvpc.
    network: network?.value === "awsvpc" ? undefined : network,
    pid: shared(taskText(task, "pidMode", "pid_mode")),
    ipc: shared(taskText(task, "ipcMode", "ipc_mode")),
    memoryBytes: scaled(container.number("memory") ?? task?.number("memory"), MIB),
    cpus:
      isFargate || container.has("cpu")
        ? scaled(container.number("cpu") ?? task?.number("cpu"), 1 / CPU_UNITS)
        : scaled(task?.number("cpu"), 1 / CPU_UNITS),
    devices: devices(linux),
    ulimits: ulimits(container),
    healthcheck: healthcheck(container),
    logDriver: container.map("logConfiguration")?.text("logDriver"),
    logOptions: logOptions(container),
    entrypoint: container.texts("entryPoint"),
    command: container.texts("command"),
    workingDir: container.text("workingDirectory"),
    environment: environment(container),
    sysctls: sysctls(container),
  };
  return {
    settings: Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Settings,
    unknown: KEYS.flatMap(([key, names]) => (container.isUnknown(key) ? names : [])),
  };
}

/** What is not known when a template computes a key. */
const KEYS: readonly (readonly [key: string, names: readonly SettingName[]])[] = [
  ["image", ["image"]],
  ["readonlyRootFilesystem", ["readOnlyRoot"]],
  ["privileged", ["privileged"]],
  ["user", ["user"]],
  ["linuxParameters", ["capAdd", "capDrop", "mounts", "devices"]],
  ["mountPoints", ["mounts"]],
  ["dockerSecurityOptions", ["noNewPrivileges", "appArmor", "selinux"]],
  ["memory", ["memoryBytes"]],
  ["cpu", ["cpus"]],
  ["healthCheck", ["healthcheck"]],
  ["logConfiguration", ["logDriver", "logOptions"]],
  ["environment", ["environment"]],
  ["portMappings", ["ports"]],
];

function taskText(task: Fields | undefined, ...keys: readonly string[]): Located<string> | undefined {
  return keys.map((key) => task?.text(key)).find((text) => text !== undefined);
}

/** `task`: its containers share it. */
function shared(mode: Located<string> | undefined): Located<string> | undefined {
  return mode?.value === "task" ? { ...mode, value: "shared" } : mode;
}

function capabilities(linux: Fields | undefined, key: "add" | "drop"): Located<readonly string[]> | undefined {
  const names = linux?.map("capabilities")?.texts(key);
  return names === undefined
    ? undefined
    : { ...names, value: names.value.map((name) => name.toUpperCase().replace(/^CAP_/, "")) };
}

function securityOptions(container: Fields): Pick<Settings, "noNewPrivileges" | "appArmor" | "selinux"> {
  const options = container.texts("dockerSecurityOptions");
  let found: Pick<Settings, "noNewPrivileges" | "appArmor" | "selinux"> = {};
  for (const option of options?.value ?? []) {
    const at = options?.at === undefined ? {} : { at: options.at };
    const [, name = "", value = ""] = /^([^=:]*)[=:]?(.*)$/s.exec(option) ?? [];
    if (name === "no-new-privileges") found = { ...found, noNewPrivileges: { value: value !== "false", ...at } };
    else if (name === "apparmor") found = { ...found, appArmor: { value, ...at } };
    else if (name === "label") found = { ...found, selinux: { value, ...at } };
  }
  return found;
}

function scaled(number: Located<number> | undefined, factor: number): Located<number> | undefined {
  return number === undefined || number.value <= 0 ? undefined : { ...number, value: number.value * factor };
}

function devices(linux: Fields | undefined): Located<readonly string[]> | undefined {
  const paths = (linux?.maps("devices") ?? []).flatMap((device) => device.text("hostPath")?.value ?? []);
  return linux === undefined || paths.length === 0 ? undefined : { value: paths, at: linux.place("devices") };
}

function ulimits(container: Fields): Located<readonly Ulimit[]> | undefined {
  const limits = container.maps("ulimits").flatMap((limit): readonly Ulimit[] => {
    const [name, soft, hard] = [limit.text("name"), limit.number("softLimit"), limit.number("hardLimit")];
    return name === undefined || soft === undefined || hard === undefined
      ? []
      : [{ name: name.value, soft: soft.value, hard: hard.value }];
  });
  return limits.length === 0 ? undefined : { value: limits, at: container.place("ulimits") };
}

function healthcheck(container: Fields): Located<boolean> | undefined {
  const check = container.map("healthCheck");
  if (check === undefined) return undefined;
  return { value: check.texts("command")?.value[0] !== "NONE", at: container.place("healthCheck") };
}

function logOptions(container: Fields): Settings["logOptions"] {
  const options = container.map("logConfiguration")?.map("options");
  if (options === undefined) return undefined;
  const sizes = ["max-size", "max-file"].flatMap((key) => {
    const text = options.text(key)?.value;
    return text === undefined ? [] : [[key, text] as const];
  });
  return { value: Object.fromEntries(sizes), at: options.at };
}

/** What comes from `secrets` has no value here. */
function environment(container: Fields): Located<readonly string[]> | undefined {
  const variables = container.maps("environment").flatMap((variable) => {
    const name = variable.text("name")?.value;
    const value = variable.text("value")?.value;
    return name === undefined ? [] : [value === undefined ? name : `${name}=${value}`];
  });
  return variables.length === 0 ? undefined : { value: variables, at: container.place("environment") };
}

function sysctls(container: Fields): Located<readonly string[]> | undefined {
  const names = container.maps("systemControls").flatMap((control) => control.text("namespace")?.value ?? []);
  return names.length === 0 ? undefined : { value: names, at: container.place("systemControls") };
}
