import type { ContainerRequest, RequestedMount } from "../../policy/request.ts";
import type { Lookups } from "./lookups.ts";

/**
 * The container with what the engine knows of the volumes that it names: a volume that was made before, with options, may be a bind
 * of a host path, and its own options count, whatever the request says of them.
 */
export async function withVolumes<T extends Pick<ContainerRequest, "mounts">>(
  container: T,
  lookups: Lookups,
): Promise<T> {
  if (!container.mounts.some(isNamed)) return container;
  const mounts = await Promise.all(container.mounts.map((mount) => withVolume(mount, lookups)));
  return { ...container, mounts };
}

async function withVolume(mount: RequestedMount, lookups: Lookups): Promise<RequestedMount> {
  if (!isNamed(mount)) return mount;
  const volume = await lookups.volume(mount.source);
  return volume === undefined ? mount : { ...mount, driver: volume.driver, driverOptions: volume.options };
}

function isNamed(mount: RequestedMount): mount is RequestedMount & { readonly source: string } {
  return mount.type === "volume" && mount.source !== undefined && mount.source !== "";
}
