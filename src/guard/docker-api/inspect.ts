import * as z from "zod";
import { readImageFacts } from "../../engine/docker/images.ts";
import { PetrifyError } from "../../model/errors.ts";
import type { ImageFacts } from "../../model/image.ts";
import type { ContainerRequest, RequestedMount } from "../../policy/request.ts";
import { tmpfsMount } from "./create/mounts.ts";
import { cleanPath, devicePath } from "./create/paths.ts";
import { readCapabilities, readNamespaces, readSecurityOptions } from "./create/security.ts";

export interface InspectedRequest {
  /** In full. */
  readonly id?: string;
  readonly container: Omit<ContainerRequest, "image">;
  /** `sha256:...`; absent for what runs from a folder (Podman). */
  readonly imageId?: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  readonly isRunning: boolean;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
/** Null or absent is not the same as an empty list. */
const told = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? undefined);
/** Only what is said to be so is so. */
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const strings = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? []);

const answer = z.object({
  Id: text,
  State: z.object({ Running: flag }).nullish(),
  Name: text,
  Image: text,
  Created: z.iso.datetime({ offset: true }).transform((value) => Date.parse(value)),
  Config: z.object({
    Image: text,
    Labels: strings,
    Entrypoint: told,
    Cmd: told,
    Env: texts,
    User: text,
    WorkingDir: text,
  }),
  HostConfig: z.object({
    ReadonlyRootfs: flag,
    Privileged: flag,
    Binds: texts,
    Tmpfs: strings,
    Mounts: listOf(
      z.object({
        Type: text,
        Source: text,
        Target: text,
        VolumeOptions: z.object({ DriverConfig: z.object({ Name: text, Options: strings }).nullish() }).nullish(),
        TmpfsOptions: z.object({ Options: listOf(z.array(z.string())) }).nullish(),
        ReadOnly: flag,
      }),
    ),
    VolumesFrom: texts,
    ReadonlyPaths: told,
    MaskedPaths: told,
    CapAdd: texts,
    CapDrop: texts,
    Devices: listOf(z.object({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text })),
    DeviceRequests: listOf(z.object({ Driver: text, DeviceIDs: texts })),
    DeviceCgroupRules: texts,
    SecurityOpt: texts,
    PidsLimit: count,
    Memory: count,
    LogConfig: z.object({ Type: text }).nullish(),
    Runtime: text,
    PidMode: text,
    NetworkMode: text,
    IpcMode: text,
    UTSMode: text,
    UsernsMode: text,
    CgroupnsMode: text,
  }),
  Mounts: listOf(
    z.object({
      Type: text,
      Name: text,
      Source: text,
      Destination: z.string(),
      Driver: text,
      RW: z.boolean(),
      Propagation: text,
    }),
  ),
});
type Answer = z.infer<typeof answer>;

/**
 * A container as the answer of `GET /containers/{id}/json` tells it, Docker's or Podman's. What is not told is taken for absent, so
 * that a root is read-only only where the engine says so. Other than in a request, the image's settings are in it, anonymous volumes
 * of the image and of other containers are among the mounts, and defaults that the engine has filled in. Throws E_ENGINE_API.
 */
export function readInspect(value: unknown): InspectedRequest {
  const parsed = answer.safeParse(value);
  if (!parsed.success)
    throw new PetrifyError("E_ENGINE_API", "The engine's account of a container is not understood.", {
      hint: "Check with `docker version` that a Docker API of version 1.24 or newer is served there.",
      cause: parsed.error,
    });
  const { Id, State, Name, Image, Created, Config: config, HostConfig: host } = parsed.data;
  const imageId = /^(?:sha256:)?([\da-f]{64})$/.exec(Image)?.[1];
  return {
    ...(/^[\da-f]{64}$/.test(Id) && { id: Id }),
    ...(imageId === undefined ? {} : { imageId: `sha256:${imageId}` }),
    createdMs: Created,
    isRunning: State?.Running ?? false,
    container: {
      ...given("name", Name.replace(/^\//, "")),
      labels: config.Labels,
      imageReference: config.Image,
      ...(config.Entrypoint === undefined ? {} : { entrypoint: config.Entrypoint }),
      ...(config.Cmd === undefined ? {} : { command: config.Cmd }),
      env: config.Env,
      ...given("user", config.User),
      ...given("workingDir", config.WorkingDir === "" ? "" : cleanPath(config.WorkingDir)),
      readOnlyRoot: host.ReadonlyRootfs,
      privileged: host.Privileged,
      mounts: mountsOf(parsed.data),
      volumesFrom: host.VolumesFrom.map((from) => from.replace(/:.*$/s, "")),
      ...(host.ReadonlyPaths === undefined ? {} : { readOnlyPaths: host.ReadonlyPaths }),
      ...(host.MaskedPaths === undefined ? {} : { maskedPaths: host.MaskedPaths }),
      capAdd: readCapabilities(host.CapAdd, "HostConfig.CapAdd"),
      capDrop: readCapabilities(host.CapDrop, "HostConfig.CapDrop"),
      devices: devicesOf(host),
      deviceRules: host.DeviceCgroupRules,
      ...readSecurityOptions(host.SecurityOpt),
      ...(host.PidsLimit === undefined ? {} : { pidsLimit: host.PidsLimit <= 0 ? -1 : host.PidsLimit }),
      ...(host.Memory === undefined || host.Memory === 0 ? {} : { memoryBytes: host.Memory }),
      ...given("logDriver", host.LogConfig?.Type ?? ""),
      ...given("runtime", host.Runtime),
      ...readNamespaces(host),
      unknownFields: [],
    },
  };
}

/** The answer of `GET /images/{name}/json`. Throws E_ENGINE_API. */
export function readImageInspect(value: unknown): ImageFacts {
  return readImageFacts(value);
}

function devicesOf({ Devices, DeviceRequests }: Answer["HostConfig"]): ContainerRequest["devices"] {
  return [
    ...Devices.map(({ PathOnHost, PathInContainer, CgroupPermissions }) => ({
      hostPath: devicePath(PathOnHost),
      containerPath: PathInContainer,
      permissions: CgroupPermissions,
    })),
    ...DeviceRequests.map(({ Driver, DeviceIDs }) => ({
      hostPath: [Driver || "gpu", ...DeviceIDs].join(":"),
      containerPath: "",
      permissions: "rwm",
    })),
  ];
}

const TYPES: ReadonlySet<string> = new Set(["bind", "volume", "image", "npipe", "cluster"]);
/** Names of volumes that nobody named. */
const ANONYMOUS = /^[\da-f]{64}$/;

/** What is mounted, which `Mounts` tells; driver options and what a tmpfs may do stand in the host configuration. */
function mountsOf({ HostConfig: host, Mounts }: Answer): readonly RequestedMount[] {
  const asked = new Map(host.Mounts.map((mount) => [cleanPath(mount.Target), mount]));
  const named = new Set([...host.Binds.map((bind) => bind.split(":")[0]), ...host.Mounts.map(({ Source }) => Source)]);
  const mounted = Mounts.filter(({ Type }) => Type !== "tmpfs").map((mount): RequestedMount => {
    const isVolume = mount.Type === "volume" || mount.Type === "cluster";
    const isAnonymous = isVolume && ANONYMOUS.test(mount.Name) && !named.has(mount.Name);
    const options = asked.get(cleanPath(mount.Destination))?.VolumeOptions?.DriverConfig?.Options ?? {};
    return {
      type: TYPES.has(mount.Type) ? (mount.Type as RequestedMount["type"]) : "other",
      ...given("source", isVolume ? (isAnonymous ? "" : mount.Name) : cleanSource(mount.Source)),
      target: cleanPath(mount.Destination),
      readOnly: !mount.RW,
      ...given("propagation", mount.Propagation),
      ...given("driver", isVolume ? mount.Driver : ""),
      ...(Object.keys(options).length === 0 ? {} : { driverOptions: options }),
    };
  });
  const long = host.Mounts.filter(({ Type }) => Type === "tmpfs").map((mount): RequestedMount => {
    const options = (mount.TmpfsOptions?.Options ?? []).map(([name]) => name);
    const last = options.findLast((name) => name === "exec" || name === "noexec");
    return { type: "tmpfs", target: cleanPath(mount.Target), readOnly: mount.ReadOnly, exec: last === "exec" };
  });
  const tmpfs = Object.entries(host.Tmpfs).map(([target, options]) => tmpfsMount(cleanPath(target), options));
  return [...mounted, ...long, ...tmpfs];
}

function cleanSource(source: string): string {
  return source.startsWith("/") ? cleanPath(source) : source;
}

function given<K extends string>(key: K, value: string): { readonly [P in K]?: string } {
  return value === "" ? {} : ({ [key]: value } as { [P in K]: string });
}
