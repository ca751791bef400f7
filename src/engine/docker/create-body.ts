import { PetrifyError } from "../../model/errors.ts";
import type { PublishedPort, Workload } from "../../model/workload.ts";
import type { ContainerSpec } from "../engine.ts";
import { type MountConfig, mountConfig } from "./mounts.ts";
import { readOnlyPathsConfig } from "./read-only-paths.ts";

/** Label by which everything that Petrify makes is found again. */
export const SESSION_LABEL = "petrify.session";

/** Body of `POST /containers/create`, in the API's own names; absent fields leave the image's or the engine's value. */
export interface CreateBody {
  readonly Image: string;
  readonly Hostname?: string;
  readonly User?: string;
  readonly Env: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts: Readonly<Record<string, Record<string, never>>>;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  readonly StdinOnce: boolean;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly HostConfig: HostConfig;
}
export interface HostConfig extends MountConfig {
  readonly ReadonlyRootfs: boolean;
  readonly ReadonlyPaths?: readonly string[];
  readonly AutoRemove: boolean;
  readonly NetworkMode?: string;
  readonly UsernsMode?: string;
  readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;
  readonly CapAdd: readonly string[];
  readonly CapDrop: readonly string[];
  readonly SecurityOpt: readonly string[];
  readonly GroupAdd: readonly string[];
  readonly Sysctls: Readonly<Record<string, string>>;
  readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly ExtraHosts: readonly string[];
  readonly Dns: readonly string[];
  readonly Memory?: number;
  readonly NanoCpus?: number;
  readonly PidsLimit?: number;
  readonly ShmSize?: number;
  readonly Init?: boolean;
  readonly Privileged: boolean;
  readonly Runtime?: string;
  readonly RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount: number };
}

/** What `docker run` would send for this spec. Throws E_USAGE for a restart policy or a bind that cannot be expressed, E_ENGINE_UNSUPPORTED for read-only paths. */
export function createBody(spec: ContainerSpec): CreateBody {
  const { workload } = spec;
  const ports = spec.publishPorts ? workload.ports : [];
  return {
    Image: spec.imageId ?? workload.image,
    ...present("Hostname", workload.hostname),
    ...present("User", workload.user),
    Env: workload.env,
    ...present("Cmd", workload.command),
    ...present("Entrypoint", workload.entrypoint),
    ...present("WorkingDir", workload.workingDir),
    Labels: { ...workload.labels, ...(spec.session !== "" && { [SESSION_LABEL]: spec.session }) },
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    Tty: workload.tty,
    OpenStdin: workload.openStdin,
    // The container's stdin ends when the one client that attached ends it, as with `docker run -i`.
    StdinOnce: workload.openStdin,
    ...present("StopSignal", workload.stopSignal),
    ...present("StopTimeout", workload.stopTimeoutSeconds),
    HostConfig: {
      ReadonlyRootfs: spec.readOnlyRoot,
      ...readOnlyPathsConfig(spec),
      AutoRemove: spec.autoRemove,
      ...mountConfig(spec),
      PortBindings: portBindings(ports),
      ...limits(workload),
      CapAdd: workload.capAdd,
      CapDrop: workload.capDrop,
      SecurityOpt: workload.securityOpt,
      GroupAdd: workload.groupAdd,
      Sysctls: workload.sysctls,
      Ulimits: workload.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      ExtraHosts: workload.extraHosts,
      Dns: workload.dns,
      Privileged: workload.privileged,
      ...present("NetworkMode", workload.network),
      ...present("UsernsMode", workload.userns),
      ...present("Runtime", workload.runtime),
      ...(workload.init && { Init: true }),
      ...(workload.restart !== undefined && { RestartPolicy: restartPolicy(workload.restart) }),
    },
  };
}

function limits(workload: Workload): Pick<HostConfig, "Memory" | "NanoCpus" | "PidsLimit" | "ShmSize"> {
  return {
    ...present("Memory", workload.memoryBytes),
    ...present("NanoCpus", workload.nanoCpus),
    ...present("PidsLimit", workload.pidsLimit),
    ...present("ShmSize", workload.shmSizeBytes),
  };
}

function portKey(port: PublishedPort): string {
  return `${port.containerPort}/${port.protocol}`;
}

function portBindings(ports: readonly PublishedPort[]): HostConfig["PortBindings"] {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const binding = { HostIp: port.hostIp ?? "", HostPort: port.hostPort === undefined ? "" : String(port.hostPort) };
    (bindings[portKey(port)] ??= []).push(binding);
  }
  return bindings;
}

/** Throws E_USAGE. */
export function restartPolicy(text: string): { readonly Name: string; readonly MaximumRetryCount: number } {
  const match = /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text);
  if (match === null || (match[2] !== undefined && match[1] !== "on-failure"))
    throw new PetrifyError("E_USAGE", `'${text}' is not a restart policy.`, {
      hint: "Use no, always, unless-stopped, on-failure or on-failure:COUNT.",
    });
  return { Name: match[1] as string, MaximumRetryCount: Number(match[2] ?? 0) };
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
