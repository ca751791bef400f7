import * as z from "zod";

// Only the fields in use; Go writes an empty list or map as null, and leaves out what a version does not know yet.
const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const keys = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => Object.keys(value ?? {}));
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);

/** Container ids become parts of paths. */
export const containerId = z.string().regex(/^[0-9a-f]{64}$/);
const imageId = z
  .string()
  .regex(/^(?:sha256:)?[0-9a-f]{64}$/)
  .transform((id) => (id.includes(":") ? id : `sha256:${id}`));
const objectName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);

export const errorAnswer = z.object({ message: z.string() });

export const versionAnswer = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

export const infoAnswer = z.object({
  Driver: text,
  DriverStatus: z
    .array(z.array(z.string()))
    .nullish()
    .transform((value) => value ?? []),
  CgroupDriver: text,
  CgroupVersion: text,
  DefaultRuntime: text,
  DockerRootDir: text,
  /** Told since Docker 27. */
  Containerd: z.object({ Address: text, Namespaces: z.object({ Containers: text }).nullish() }).nullish(),
  KernelVersion: text,
  MemTotal: count,
  SecurityOptions: list,
  Rootless: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
});
export type InfoAnswer = z.infer<typeof infoAnswer>;

/** From `/info`: the engine's clock, RFC 3339 with nanoseconds. */
export const systemTime = z.object({ SystemTime: z.string() });

/** Where the layers lie, of an image or a container; absent with the containerd image store. */
const graphDriver = z
  .object({
    Name: text,
    Data: z
      .record(z.string(), z.string())
      .nullish()
      .transform((value) => value ?? {}),
  })
  .nullish();
export type GraphDriver = z.infer<typeof graphDriver>;

export const imageAnswer = z.object({
  Id: imageId,
  RepoDigests: list,
  RepoTags: list,
  Architecture: text,
  Size: count,
  Config: z
    .object({
      Entrypoint: list,
      Cmd: list,
      Env: list,
      User: text,
      WorkingDir: text,
      Volumes: keys,
      ExposedPorts: keys,
      StopSignal: text,
      Healthcheck: z.object({ Test: list }).nullish(),
    })
    .nullish(),
  GraphDriver: graphDriver,
});
export type ImageAnswer = z.infer<typeof imageAnswer>;

const portBindings = z
  .record(z.string(), z.array(z.object({ HostIp: text, HostPort: text })).nullable())
  .nullish()
  .transform((value) => value ?? {});

/** States that Podman passes through and Docker does not have (Podman libpod/define/containerstate.go). */
const PODMAN_STATES = { initialized: "created", stopping: "running", stopped: "exited" } as const;

export const containerAnswer = z.object({
  Id: containerId,
  State: z.object({
    Status: z
      .enum(["created", "running", "paused", "restarting", "removing", "exited", "dead"])
      .or(z.enum(["initialized", "stopping", "stopped"]).transform((state) => PODMAN_STATES[state])),
    Pid: count,
    ExitCode: count,
    OOMKilled: z
      .boolean()
      .nullish()
      .transform((value) => value ?? false),
    Error: text,
    Health: z.object({ Status: text }).nullish(),
  }),
  Config: z.object({
    Tty: z
      .boolean()
      .nullish()
      .transform((value) => value ?? false),
  }),
  HostConfig: z.object({ NetworkMode: text, ReadonlyPaths: list, ReadonlyRootfs: flag }),
  NetworkSettings: z
    .object({
      Ports: portBindings,
      Networks: z
        .record(z.string(), z.object({ IPAddress: text }))
        .nullish()
        .transform((value) => value ?? {}),
    })
    .nullish(),
  Mounts: z
    .array(z.object({ Type: text, Name: text, Destination: z.string() }))
    .nullish()
    .transform((value) => value ?? []),
  GraphDriver: graphDriver,
});
export type ContainerAnswer = z.infer<typeof containerAnswer>;

export const createAnswer = z.object({ Id: containerId });
export const execCreateAnswer = z.object({ Id: containerId });
export const execAnswer = z.object({ ExitCode: z.number().nullish(), Running: z.boolean(), Pid: count });
export const waitAnswer = z.object({
  StatusCode: z.number().int(),
  Error: z.object({ Message: text }).nullish(),
});

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

const foundMount = z.object({
  Type: text,
  Target: z.string(),
  ReadOnly: flag,
  TmpfsOptions: z.object({ SizeBytes: count, Mode: count }).nullish(),
});

/** All settings of a container that somebody made. */
export const foundAnswer = containerAnswer.extend({
  Name: z.string().regex(/^\/?[A-Za-z0-9][A-Za-z0-9_.-]*$/),
  // Podman's may run a folder, without an image.
  Image: imageId.or(z.literal("sha256:").transform(() => "")),
  Config: z.object({
    Image: z.string(),
    Hostname: text,
    User: text,
    Env: list,
    Cmd: list,
    Entrypoint: list,
    WorkingDir: text,
    Labels: texts,
    Tty: flag,
    OpenStdin: flag,
    StopSignal: text,
    StopTimeout: z.number().nullish(),
  }),
  HostConfig: z.object({
    NetworkMode: text,
    ReadonlyPaths: list,
    UsernsMode: text,
    ReadonlyRootfs: flag,
    AutoRemove: flag,
    Tmpfs: texts,
    Mounts: z
      .array(foundMount)
      .nullish()
      .transform((value) => value ?? []),
    PortBindings: portBindings,
    CapAdd: list,
    CapDrop: list,
    SecurityOpt: list,
    GroupAdd: list,
    Sysctls: texts,
    Ulimits: z
      .array(z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() }))
      .nullish()
      .transform((value) => value ?? []),
    ExtraHosts: list,
    Dns: list,
    Memory: count,
    NanoCpus: count,
    PidsLimit: count,
    ShmSize: count,
    Init: flag,
    Privileged: flag,
    Runtime: text,
    RestartPolicy: z.object({ Name: text, MaximumRetryCount: count }).nullish(),
  }),
  Mounts: z
    .array(
      z.object({
        Type: text,
        Name: text,
        Source: text,
        Destination: z.string(),
        RW: z.boolean(),
        Mode: text,
        Propagation: text,
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
});
export type FoundAnswer = z.infer<typeof foundAnswer>;

const hostPaths = z
  .array(z.object({ PathOnHost: text }))
  .nullish()
  .transform((value) => (value ?? []).map(({ PathOnHost }) => PathOnHost));

/** The same, with what only an audit asks for. */
export const inspectedAnswer = foundAnswer.extend({
  Config: foundAnswer.shape.Config.extend({ Healthcheck: z.object({ Test: list }).nullish() }),
  HostConfig: foundAnswer.shape.HostConfig.extend({
    /** Null: as the engine has it by default, or (Podman) nobody tells. */
    MaskedPaths: z
      .array(z.string())
      .nullish()
      .transform((value) => value ?? null),
    Mounts: z
      .array(foundMount.extend({ BindOptions: z.object({ NonRecursive: flag }).nullish() }))
      .nullish()
      .transform((value) => value ?? []),
    PidMode: text,
    IpcMode: text,
    UTSMode: text,
    CgroupParent: text,
    Devices: hostPaths,
    DeviceCgroupRules: list,
    LogConfig: z.object({ Type: text, Config: texts }).nullish(),
    CpuQuota: count,
    CpuPeriod: count,
  }),
});
export type InspectedAnswer = z.infer<typeof inspectedAnswer>;

/** What the runtime was given (runtime-spec, config.md), as Podman writes it beside the container. */
export const runtimeConfig = z.object({
  process: z.object({ noNewPrivileges: flag }).nullish(),
  linux: z.object({
    maskedPaths: list,
    readonlyPaths: list,
    seccomp: z.unknown().transform((value) => value != null),
    namespaces: z
      .array(z.object({ type: z.string() }))
      .nullish()
      .transform((value) => (value ?? []).map(({ type }) => type)),
  }),
});
export type RuntimeConfig = z.infer<typeof runtimeConfig>;

/** Rows of `ps`. */
export const topAnswer = z.object({ Titles: list, Processes: z.array(z.array(z.string())).nullish() });

/** What only Podman's own inspection tells. */
export const libpodFound = z.object({
  Pod: text,
  OCIConfigPath: text,
  OCIRuntime: text,
  IsInfra: flag,
  IsService: flag,
  BoundingCaps: list,
  Config: z.object({ CreateCommand: list }),
});
export type LibpodFound = z.infer<typeof libpodFound>;
export const libpodInfo = z.object({
  host: z.object({ eventLogger: text }),
  store: z.object({ graphRoot: z.string(), graphDriverName: z.string() }),
});
/** A volume's driver options. */
export const volumeAnswer = z.object({ Driver: text, Options: texts });

export const idList = z.array(z.object({ Id: containerId }));
/** Null when nothing changed. */
export const changesAnswer = z
  .array(z.object({ Path: z.string().startsWith("/"), Kind: z.int() }))
  .nullable()
  .transform((value) => value ?? []);
/** `id` of older engines is the same as the actor's. */
export const eventLine = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: containerId, Attributes: texts }),
});

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
export const containerList = z.array(z.object({ Id: containerId, Names: list, Labels: labels }));
export const volumeList = z.object({
  Volumes: z
    .array(z.object({ Name: objectName, Labels: labels }))
    .nullish()
    .transform((value) => value ?? []),
});
export const networkList = z.array(z.object({ Id: z.string().regex(/^[0-9a-z]+$/), Name: z.string(), Labels: labels }));
