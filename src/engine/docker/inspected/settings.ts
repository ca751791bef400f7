import type { AuditPort, Settings } from "../../../audit/container.ts";
import { securityOption } from "../../../audit/security-options.ts";
import type { InspectedAnswer } from "../schemas.ts";
import { type MountFacts, mountsOf } from "./mounts.ts";
import { maskSettings } from "./unmasked.ts";

/** What a container was given, as rules judge it: what was not set is left out. */
export function auditSettings(answer: InspectedAnswer, facts: MountFacts): Settings {
  const { Config: config, HostConfig: host } = answer;
  const { Healthcheck: check } = config;
  const masks =
    host.MaskedPaths === null ? {} : maskSettings({ masked: host.MaskedPaths, readOnly: host.ReadonlyPaths });
  return {
    image: { value: config.Image },
    ...(host.ReadonlyRootfs ? { readOnlyRoot: { value: true } } : {}),
    ...(host.Privileged ? { privileged: { value: true } } : {}),
    user: { value: config.User },
    ...list("capAdd", host.CapAdd.map(capability)),
    ...list("capDrop", host.CapDrop.map(capability)),
    ...masks,
    ...securityOf(host),
    mounts: mountsOf(answer, facts),
    ...text("network", networkOf(answer)),
    ...text("pid", host.PidMode),
    ...text("ipc", host.IpcMode),
    ...text("uts", host.UTSMode),
    ...text("userns", host.UsernsMode),
    ports: portsOf(answer),
    ...positive("memoryBytes", host.Memory),
    ...positive("cpus", host.NanoCpus > 0 ? host.NanoCpus / 1e9 : shareOf(host)),
    ...(host.PidsLimit === 0 ? {} : { pidsLimit: { value: host.PidsLimit } }),
    ...list("devices", host.Devices),
    ...list("deviceRules", host.DeviceCgroupRules),
    ...text("cgroupParent", host.CgroupParent),
    ...restartOf(host),
    ...(host.Ulimits.length === 0
      ? {}
      : { ulimits: { value: host.Ulimits.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })) } }),
    ...(check == null || check.Test.length === 0 ? {} : { healthcheck: { value: check.Test[0] !== "NONE" } }),
    ...text("logDriver", host.LogConfig?.Type ?? ""),
    ...(host.LogConfig == null ? {} : { logOptions: { value: host.LogConfig.Config } }),
    entrypoint: { value: config.Entrypoint },
    command: { value: config.Cmd },
    ...text("workingDir", config.WorkingDir),
    ...list("environment", config.Env),
    ...list("sysctls", Object.keys(host.Sysctls)),
    ...text("runtime", host.Runtime),
  };
}

type Host = InspectedAnswer["HostConfig"];

function securityOf(host: Host): Settings {
  // Docker adds this by itself to whatever has the host's processes or memory (moby daemon/daemon_unix.go, generateSecurityOpt).
  const isOwn = host.Privileged || host.PidMode === "host" || host.IpcMode === "host";
  const options = host.SecurityOpt.filter((option) => !(isOwn && option === "label=disable"));
  return options.map((option) => securityOption(option).settings).reduce((all, one) => ({ ...all, ...one }), {});
}

function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}

/** Names of networks in which containers are by default. */
const DEFAULT_NETWORKS = new Set(["default", "bridge", "podman"]);

/** The default network wherever it is in it, also beside others; else what it was made with. */
function networkOf({ HostConfig: { NetworkMode: mode }, NetworkSettings: settings }: InspectedAnswer): string {
  const joined = Object.keys(settings?.Networks ?? {});
  if (joined.some((name) => DEFAULT_NETWORKS.has(name))) return "bridge";
  return DEFAULT_NETWORKS.has(mode) ? (joined[0] ?? "bridge") : mode;
}

/** Those that are published now, else those that will be. */
function portsOf({ HostConfig: host, NetworkSettings: settings }: InspectedAnswer): readonly AuditPort[] {
  const bound = { ...host.PortBindings, ...settings?.Ports };
  return Object.entries(bound).flatMap(([key, hosts]) =>
    (hosts ?? []).map(({ HostIp, HostPort }) => ({
      ...(HostIp === "" ? {} : { hostIp: HostIp }),
      ...(Number(HostPort) > 0 ? { hostPort: Number(HostPort) } : {}),
      containerPort: Number.parseInt(key, 10),
    })),
  );
}

function shareOf({ CpuQuota, CpuPeriod }: Host): number {
  // The kernel's default period: 100 ms (Documentation/scheduler/sched-bwc.rst).
  return CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
}

function restartOf({ RestartPolicy: policy }: Host): Pick<Settings, "restart"> {
  const { Name = "", MaximumRetryCount: maxRetries = 0 } = policy ?? {};
  if (Name === "" || Name === "no") return {};
  return { restart: { value: { policy: Name, ...(maxRetries > 0 ? { maxRetries } : {}) } } };
}

function text<K extends keyof Settings>(key: K, value: string): { readonly [P in K]?: { readonly value: string } } {
  return value === "" ? {} : ({ [key]: { value } } as { [P in K]: { readonly value: string } });
}

function list<K extends keyof Settings>(
  key: K,
  value: readonly string[],
): { readonly [P in K]?: { readonly value: readonly string[] } } {
  return value.length === 0 ? {} : ({ [key]: { value } } as { [P in K]: { readonly value: readonly string[] } });
}

function positive<K extends keyof Settings>(key: K, value: number): { readonly [P in K]?: { readonly value: number } } {
  return value > 0 ? ({ [key]: { value } } as { [P in K]: { readonly value: number } }) : {};
}
