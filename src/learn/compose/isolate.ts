import type { ComposeConfig, ComposeService } from "./config.ts";

export interface Isolation {
  /** Put on everything, so that it is found again. */
  readonly labels: Readonly<Record<string, string>>;
  /** By service and target: what a bind mount shows instead of the user's files. */
  readonly bindSource: (service: string, target: string) => string | undefined;
  /** Of services that are built: the image that is there. */
  readonly builtImage: (service: string) => string;
  /** Asked for by name, which enables their profiles. */
  readonly named: readonly string[];
}

/** Settings of a service that reach out of the project, or that are orders to others. */
const TAKEN_AWAY = ["ports", "container_name", "restart", "labels", "external_links", "build", "expose"] as const;

/**
 * The project with nothing that anybody else has: no published ports, no names, networks and volumes of its own, empty, and
 * copies of what its bind mounts show.
 */
export function isolated(config: ComposeConfig, isolation: Isolation): object {
  const { labels } = isolation;
  const { name: _name, ...rest } = config;
  const own = (declared: Readonly<Record<string, unknown>> | undefined): object =>
    Object.fromEntries(Object.keys(declared ?? {}).map((key) => [key, { labels }]));
  return {
    ...rest,
    services: Object.fromEntries(
      Object.entries(config.services).map(([name, service]) => [name, isolatedService(name, service, isolation)]),
    ),
    volumes: own(config.volumes),
    networks: { ...own(config.networks), default: { labels } },
  };
}

function isolatedService(name: string, service: ComposeService, isolation: Isolation): object {
  const kept = Object.fromEntries(
    Object.entries(service).filter(([key]) => !(TAKEN_AWAY as readonly string[]).includes(key)),
  );
  const { network_mode: mode, networks, profiles, ...rest } = kept as ComposeService;
  return {
    ...rest,
    // Without them `start` would bring up what the user's own `up` leaves alone.
    ...(profiles === undefined || isolation.named.includes(name) ? {} : { profiles }),
    image: service.image ?? isolation.builtImage(name),
    labels: isolation.labels,
    // Shared with another service it is within the project; with the host it would be the host's ports.
    ...(mode === undefined || mode === "host" || mode === "bridge" ? {} : { network_mode: mode }),
    ...(networks === undefined ? {} : { networks: withoutAddresses(networks) }),
    ...(service.volumes === undefined
      ? {}
      : { volumes: service.volumes.map((volume) => ownVolume(name, volume, isolation)) }),
  };
}

/** Aliases stay; addresses are of networks that somebody else may be using. */
function withoutAddresses(networks: unknown): unknown {
  if (Array.isArray(networks) || typeof networks !== "object" || networks === null) return networks;
  return Object.fromEntries(
    Object.entries(networks as Record<string, { readonly aliases?: unknown } | null>).map(([key, settings]) => [
      key,
      settings?.aliases === undefined ? null : { aliases: settings.aliases },
    ]),
  );
}

function ownVolume(service: string, volume: unknown, { bindSource }: Isolation): unknown {
  if (typeof volume === "string") {
    const [, target, ...options] = volume.split(":");
    const source = target === undefined ? undefined : bindSource(service, target);
    return source === undefined ? volume : [source, target, ...options].join(":");
  }
  const long = volume as { readonly target?: string };
  const source = long.target === undefined ? undefined : bindSource(service, long.target);
  return source === undefined ? volume : { ...long, source };
}
