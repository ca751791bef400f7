import type { AuditMount } from "../../container.ts";
import type { Context } from "./setting.ts";
import { entryOf, itemsOf, textOf } from "./tree.ts";

/** A service's own mounts, and where it takes over those of others. */
export interface MountSource {
  readonly context: Context;
  readonly mounts: readonly AuditMount[];
}

/**
 * The mounts of a service with those of the services in its `volumes_from` (`NAME`, `NAME:ro`, `service:NAME:ro`), and what these take over
 * themselves; its own win. Of a container that is no service (`container:NAME`) nothing is known.
 */
export function withVolumesFrom(
  services: ReadonlyMap<string, MountSource>,
  name: string,
  inside: ReadonlySet<string> = new Set(),
): readonly AuditMount[] {
  const service = services.get(name);
  if (service === undefined || inside.has(name)) return [];
  const { context, mounts } = service;
  const taken = itemsOf(entryOf(context.settings, "volumes_from")?.value).flatMap((item) => {
    const [other = "", mode] =
      textOf(item)
        ?.replace(/^service:/, "")
        .split(":") ?? [];
    return withVolumesFrom(services, other, new Set([...inside, name])).map((mount) => ({
      ...mount,
      readOnly: mount.readOnly || mode === "ro",
      at: context.locate(item.at),
    }));
  });
  return taken.length === 0
    ? mounts
    : [...new Map([...taken, ...mounts].map((mount) => [mount.target, mount])).values()];
}
