import { basename, dirname } from "node:path/posix";
import * as z from "zod";
import type { PublishedPort, Workload, WorkloadMount } from "../../model/workload.ts";

// Only what has to be changed or given back is read; the rest of the file passes through as it is.

const longSchema = z.looseObject({
  type: z.enum(["bind", "volume"]),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.boolean().optional(),
});

/** One that is not understood would pass through as it is: the user's own folder, writable. */
function isKnownVolume(volume: unknown): boolean {
  if (typeof volume === "string" || longSchema.safeParse(volume).success) return true;
  const type = (volume as { readonly type?: unknown } | null)?.type;
  return type === "tmpfs" || type === "image";
}

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.unknown().optional(),
  ports: z.array(z.unknown()).optional(),
  volumes: z.array(z.unknown().refine(isKnownVolume, "a volume of an unknown form")).optional(),
  networks: z.unknown().optional(),
  network_mode: z.string().optional(),
  pid: z.string().optional(),
  ipc: z.string().optional(),
  volumes_from: z.array(z.string()).optional(),
  profiles: z.array(z.string()).optional(),
  restart: z.string().optional(),
});
const topLevel = z.record(
  z.string(),
  z.looseObject({ name: z.string().optional(), external: z.unknown().optional() }).nullable(),
);

/** What `docker compose config` prints: resolved, with absolute paths. */
export const configSchema = z.looseObject({
  name: z.string().optional(),
  services: z.record(z.string(), serviceSchema),
  volumes: topLevel.optional(),
  networks: topLevel.optional(),
});
export type ComposeConfig = z.infer<typeof configSchema>;
export type ComposeService = ComposeConfig["services"][string];

/** The project's name as Compose makes it up from the file's folder (compose-spec, 04-version-and-name). */
export function projectName(config: ComposeConfig, file: string): string {
  const folder = basename(dirname(file));
  return config.name ?? (folder.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "") || "default");
}

/** Mounts of a service with the engine's names; tmpfs and what Petrify does not know are left out. */
export function mountsOf(service: ComposeService, config: ComposeConfig, project: string): readonly WorkloadMount[] {
  return (service.volumes ?? []).flatMap((volume) => {
    const mount = typeof volume === "string" ? shortMount(volume) : longMount(volume);
    if (mount?.type !== "volume" || mount.source === undefined) return mount ?? [];
    const declared = config.volumes?.[mount.source];
    const isExternal = declared?.external !== undefined && declared.external !== false;
    return { ...mount, source: declared?.name ?? (isExternal ? mount.source : `${project}_${mount.source}`) };
  });
}

/** `SOURCE:TARGET[:OPTIONS]`, or `TARGET` alone. */
function shortMount(text: string): WorkloadMount | undefined {
  const [first = "", target, options = ""] = text.split(":");
  if (target === undefined) return { type: "volume", target: first, readOnly: false };
  const readOnly = options.split(",").includes("ro");
  return { type: first.startsWith("/") ? "bind" : "volume", source: first, target, readOnly };
}

function longMount(value: unknown): WorkloadMount | undefined {
  const parsed = longSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { type, source, target, read_only: readOnly = false } = parsed.data;
  return { type, target, readOnly, ...(source === undefined ? {} : { source }) };
}

const portSchema = z.looseObject({
  target: z.coerce.number().int(),
  published: z.coerce.number().int().optional(),
  host_ip: z.string().optional(),
  protocol: z.enum(["tcp", "udp"]).optional(),
});

/** Published ports of a service; ranges are left out. */
export function portsOf(service: ComposeService): readonly PublishedPort[] {
  return (service.ports ?? []).flatMap((value): readonly PublishedPort[] => {
    if (typeof value === "string" || typeof value === "number") {
      const match = /^(?:(?:(.+):)?(\d*):)?(\d+)(?:\/(tcp|udp))?$/.exec(String(value));
      return match === null ? [] : [publishedPort(match[1], Number(match[2] ?? 0), Number(match[3]), match[4])];
    }
    const parsed = portSchema.safeParse(value);
    if (!parsed.success) return [];
    const { target, published = 0, host_ip: hostIp, protocol } = parsed.data;
    return [publishedPort(hostIp, published, target, protocol)];
  });
}

function publishedPort(
  hostIp: string | undefined,
  hostPort: number,
  containerPort: number,
  protocol: string | undefined,
): PublishedPort {
  return {
    ...(hostIp === undefined || hostIp === "" ? {} : { hostIp }),
    ...(hostPort > 0 ? { hostPort } : {}),
    containerPort,
    protocol: protocol === "udp" ? "udp" : "tcp",
  };
}

/** The settings of a service's isolated container, with what the isolation took away. */
export function asAsked(
  settings: Omit<Workload, "name">,
  service: ComposeService,
  mounts: readonly WorkloadMount[],
): Omit<Workload, "name"> {
  const byTarget = new Map(mounts.map((mount) => [mount.target, mount]));
  return {
    ...settings,
    mounts: settings.mounts.map((mount) => byTarget.get(mount.target) ?? mount),
    ports: portsOf(service),
    ...(service.restart === undefined || service.restart === "no" ? {} : { restart: service.restart }),
  };
}
