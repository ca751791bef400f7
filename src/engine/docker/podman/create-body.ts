import { constants } from "node:os";
import { PetrifyError } from "../../../model/errors.ts";
import type { PublishedPort, Workload } from "../../../model/workload.ts";
import type { ContainerSpec } from "../../engine.ts";
import { restartPolicy, SESSION_LABEL } from "../create-body.ts";
import type { PodmanMounts } from "./mounts.ts";
import { securityFields } from "./security.ts";

/**
 * Body of `POST /libpod/containers/create` (Podman pkg/specgen, SpecGenerator): what `podman run` would send for this spec,
 * but without the writable mounts that Podman adds to a read-only container. Absent fields leave the image's or the engine's
 * value. Throws E_USAGE, E_ENGINE_UNSUPPORTED.
 */
export function podmanCreateBody(
  spec: ContainerSpec,
  imageId: string,
  { mounts, volumes }: Pick<PodmanMounts, "mounts" | "volumes">,
): Readonly<Record<string, unknown>> {
  const { workload } = spec;
  if (spec.readOnlyPaths !== undefined)
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", "Podman cannot make single paths read-only.", {
      hint: "Use Docker, or make the whole root read-only.",
    });
  return {
    ...(spec.name !== "" && { name: spec.name }),
    image: imageId,
    raw_image_name: workload.image,
    entrypoint: workload.entrypoint,
    command: workload.command,
    ...environment(workload.env),
    user: workload.user,
    work_dir: workload.workingDir,
    // As Docker does it.
    create_working_dir: true,
    hostname: workload.hostname,
    labels: { ...workload.labels, ...(spec.session !== "" && { [SESSION_LABEL]: spec.session }) },
    terminal: workload.tty,
    stdin: workload.openStdin,
    stop_signal: workload.stopSignal === undefined ? undefined : signalNumber(workload.stopSignal),
    stop_timeout: workload.stopTimeoutSeconds,
    remove: spec.autoRemove,
    ...restart(workload.restart),
    init: workload.init,
    read_only_filesystem: spec.readOnlyRoot,
    read_write_tmpfs: false,
    mounts,
    volumes,
    shm_size: workload.shmSizeBytes,
    ...network(workload),
    ...(workload.userns !== undefined && { userns: { nsmode: workload.userns } }),
    portmappings: spec.publishPorts ? workload.ports.map(portMapping) : [],
    hostadd: workload.extraHosts,
    dns_server: workload.dns,
    privileged: workload.privileged,
    cap_add: workload.capAdd,
    cap_drop: workload.capDrop,
    groups: workload.groupAdd,
    ...securityFields(workload.securityOpt),
    sysctl: workload.sysctls,
    // Without any, none is set; an empty list would set Podman's own.
    ...(workload.ulimits.length > 0 && {
      r_limits: workload.ulimits.map(({ name, soft, hard }) => ({ type: name, soft, hard })),
    }),
    resource_limits: limits(workload),
  };
}

function environment(entries: readonly string[]): Readonly<Record<string, unknown>> {
  const pairs = entries.filter((entry) => entry.includes("="));
  const unset = entries.filter((entry) => !entry.includes("="));
  const env = pairs.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const);
  return { env: Object.fromEntries(env), ...(unset.length > 0 && { unsetenv: unset }) };
}

function restart(policy: string | undefined): Readonly<Record<string, unknown>> {
  if (policy === undefined) return {};
  const { Name, MaximumRetryCount } = restartPolicy(policy);
  return { restart_policy: Name, ...(Name === "on-failure" && { restart_tries: MaximumRetryCount }) };
}

/** The API takes the number. Real-time signals count from the first that glibc leaves to programs (signal(7)). */
function signalNumber(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const realTime = /^RTM(IN|AX)(?:([+-])(\d+))?$/.exec(name);
  const offset = Number(`${realTime?.[2] ?? ""}${realTime?.[3] ?? 0}`);
  const number = /^\d+$/.test(name)
    ? Number(name)
    : realTime === null
      ? (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`]
      : (realTime[1] === "IN" ? 34 : 64) + offset;
  if (number === undefined)
    throw new PetrifyError("E_USAGE", `'${text}' is not a signal.`, { hint: "Write it like SIGTERM or 15." });
  return number;
}

/** `--network`: one of Podman's modes, else the name of a network. */
function network({ network: name = "" }: Workload): Readonly<Record<string, unknown>> {
  if (name === "" || name === "default") return {};
  const [mode = "", value = ""] = name.split(/:(.*)/s);
  if (["host", "none", "bridge", "private", "slirp4netns", "pasta"].includes(name)) return { netns: { nsmode: name } };
  if (mode === "container" || mode === "ns") return { netns: { nsmode: mode === "ns" ? "path" : mode, value } };
  return { netns: { nsmode: "bridge" }, Networks: { [name]: {} } };
}

function portMapping({ hostIp, hostPort, containerPort, protocol }: PublishedPort): Readonly<Record<string, unknown>> {
  return { host_ip: hostIp ?? "", host_port: hostPort ?? 0, container_port: containerPort, protocol };
}

/** The period in which the kernel hands out a quota, unless another is asked for (Documentation/scheduler/sched-bwc.rst). */
const CPU_PERIOD_US = 100_000;

function limits({ memoryBytes, nanoCpus, pidsLimit }: Workload): Readonly<Record<string, unknown>> {
  return {
    ...(memoryBytes !== undefined && { memory: { limit: memoryBytes } }),
    ...(nanoCpus !== undefined && {
      cpu: { quota: Math.round((nanoCpus / 1e9) * CPU_PERIOD_US), period: CPU_PERIOD_US },
    }),
    ...(pidsLimit !== undefined && { pids: { limit: pidsLimit } }),
  };
}
