import type { ImageFacts } from "../../model/image.ts";
import type { PublishedPort, Workload, WorkloadMount } from "../../model/workload.ts";
import type { FoundAnswer } from "./schemas.ts";

/** Docker gives /dev/shm this much unless it is told otherwise (moby daemon/config DefaultShmSize). */
const DEFAULT_SHM_BYTES = 64 * 2 ** 20;
const DEFAULT_STOP_SIGNAL = "SIGTERM";
/** Names of volumes that nobody named. */
export const ANONYMOUS_VOLUME = /^[0-9a-f]{64}$/;

/**
 * What a container was made with beyond its image: the inverse of `createBody`. Values that equal the image's or the engine's
 * are left out. So are networks other than `host` and `none`, and labels: they are orders to others, and the image's own
 * cannot be told from them.
 */
export function settingsOf(
  found: FoundAnswer,
  image: ImageFacts | undefined,
  defaultRuntime: string,
): Omit<Workload, "name"> {
  const { Config: config, HostConfig: host } = found;
  const network = host.NetworkMode === "host" || host.NetworkMode === "none" ? host.NetworkMode : undefined;
  return {
    image: config.Image,
    ...commandOf(config, image),
    env: config.Env.filter((variable) => image?.env.includes(variable) !== true),
    ...given("user", config.User, image?.user),
    ...given("workingDir", config.WorkingDir, image?.workingDir),
    // Without a name of its own a container has its short id; on the host's network it has the host's.
    ...(network === "host" ? {} : given("hostname", config.Hostname, found.Id.slice(0, 12))),
    mounts: mountsOf(found, image?.volumes ?? []),
    ports: portsOf(host.PortBindings),
    ...given("network", network ?? ""),
    ...(host.UsernsMode === "host" ? { userns: "host" as const } : {}),
    labels: {},
    capAdd: host.CapAdd,
    capDrop: host.CapDrop,
    securityOpt: host.SecurityOpt,
    groupAdd: host.GroupAdd,
    sysctls: host.Sysctls,
    ulimits: host.Ulimits.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard })),
    extraHosts: host.ExtraHosts,
    dns: host.Dns,
    ...positive("memoryBytes", host.Memory),
    ...positive("nanoCpus", host.NanoCpus),
    ...positive("pidsLimit", host.PidsLimit),
    ...(host.ShmSize === DEFAULT_SHM_BYTES ? {} : positive("shmSizeBytes", host.ShmSize)),
    init: host.Init,
    privileged: host.Privileged,
    tty: config.Tty,
    openStdin: config.OpenStdin,
    ...given("runtime", host.Runtime, defaultRuntime),
    ...given("stopSignal", config.StopSignal, image?.stopSignal ?? DEFAULT_STOP_SIGNAL),
    ...(config.StopTimeout == null ? {} : { stopTimeoutSeconds: config.StopTimeout }),
    ...given("restart", restartOf(host.RestartPolicy), "no"),
  };
}

/** An entrypoint of the container's own takes the image's command away. */
function commandOf(
  config: FoundAnswer["Config"],
  image: ImageFacts | undefined,
): Pick<Workload, "entrypoint" | "command"> {
  const sameEntrypoint = sameList(config.Entrypoint, image?.entrypoint ?? []);
  // `--entrypoint ""` leaves none.
  const entrypoint = config.Entrypoint.length === 0 ? [""] : config.Entrypoint;
  const sameCommand = sameList(config.Cmd, sameEntrypoint ? (image?.command ?? []) : []);
  return { ...(sameEntrypoint ? {} : { entrypoint }), ...(sameCommand ? {} : { command: config.Cmd }) };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function mountsOf({ HostConfig: host, Mounts }: FoundAnswer, declared: readonly string[]): readonly WorkloadMount[] {
  const mounted = Mounts.flatMap((mount): readonly WorkloadMount[] => {
    const common = { target: mount.Destination, readOnly: !mount.RW };
    if (mount.Type === "bind") return [{ type: "bind", source: mount.Source, ...common, ...bindOptions(mount) }];
    if (mount.Type !== "volume") return [];
    if (!ANONYMOUS_VOLUME.test(mount.Name)) return [{ type: "volume", source: mount.Name, ...common }];
    // The image's own declaration makes it again.
    return declared.includes(mount.Destination) ? [] : [{ type: "volume", ...common }];
  });
  const tmpfs = Object.entries(host.Tmpfs).map(([target, options]): WorkloadMount => ({
    type: "tmpfs",
    target,
    readOnly: false,
    ...given("options", options),
  }));
  const long = host.Mounts.filter(({ Type }) => Type === "tmpfs").map(
    ({ Target, ReadOnly, TmpfsOptions }): WorkloadMount => {
      const { SizeBytes = 0, Mode = 0 } = TmpfsOptions ?? {};
      const options = [SizeBytes > 0 ? `size=${SizeBytes}` : "", Mode > 0 ? `mode=${Mode.toString(8)}` : ""];
      return {
        type: "tmpfs",
        target: Target,
        readOnly: ReadOnly,
        ...given("options", options.filter(Boolean).join(",")),
      };
    },
  );
  const all = [...mounted, ...tmpfs, ...long];
  return all.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
}

function bindOptions({ Mode, Propagation }: FoundAnswer["Mounts"][number]): { readonly options?: string } {
  const words = Mode.split(",").filter((word) => /^[zZ]$/.test(word));
  if (Propagation !== "" && Propagation !== "rprivate") words.push(Propagation);
  return given("options", words.join(","));
}

function portsOf(bindings: FoundAnswer["HostConfig"]["PortBindings"]): readonly PublishedPort[] {
  return Object.entries(bindings).flatMap(([key, hosts]) => {
    const match = /^(\d+)\/(tcp|udp)$/.exec(key);
    if (match === null) return [];
    const container = { containerPort: Number(match[1]), protocol: match[2] as PublishedPort["protocol"] };
    return (hosts ?? []).map(({ HostIp, HostPort }) => ({
      ...given("hostIp", HostIp),
      ...positive("hostPort", Number(HostPort) || 0),
      ...container,
    }));
  });
}

function restartOf(policy: FoundAnswer["HostConfig"]["RestartPolicy"]): string {
  const { Name = "", MaximumRetryCount = 0 } = policy ?? {};
  return MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name;
}

/** The field, unless it is empty or says what would be without it. */
function given<K extends string, V extends string>(key: K, value: V, otherwise = ""): { readonly [P in K]?: V } {
  return value === "" || value === otherwise ? {} : ({ [key]: value } as { [P in K]: V });
}

function positive<K extends string>(key: K, value: number): { readonly [P in K]?: number } {
  return value > 0 ? ({ [key]: value } as { [P in K]: number }) : {};
}
