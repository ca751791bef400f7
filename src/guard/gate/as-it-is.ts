import { hostPathOf } from "../../policy/host-access.ts";
import type { ContainerRequest, RequestedDevice, RequestedMount } from "../../policy/request.ts";
import type { Lookups } from "./lookups.ts";

/**
 * The container with what names in it stand for on the engine and its host: a volume that was made before, with options, may be a
 * bind of a host path, and its own options count, whatever the request says of them; a path of the host may be a link that a
 * container left in its volume, or a device under another name.
 */
export async function asItIs<T extends Pick<ContainerRequest, "mounts" | "devices">>(
  container: T,
  lookups: Lookups,
): Promise<T> {
  if (container.mounts.length + container.devices.length === 0) return container;
  // One after another: a client names as many as he likes, and each question takes a connection or a descriptor.
  const mounts: RequestedMount[] = [];
  for (const mount of container.mounts) mounts.push(await withPlace(await withVolume(mount, lookups), lookups));
  const devices: RequestedDevice[] = [];
  for (const device of container.devices) devices.push(await withRule(device, lookups));
  return { ...container, mounts, devices };
}

async function withVolume(mount: RequestedMount, lookups: Lookups): Promise<RequestedMount> {
  if (mount.type !== "volume" || mount.source === undefined || mount.source === "") return mount;
  const volume = await lookups.volume(mount.source);
  return volume === undefined ? mount : { ...mount, driver: volume.driver, driverOptions: volume.options };
}

async function withPlace(mount: RequestedMount, lookups: Lookups): Promise<RequestedMount> {
  const path = hostPathOf(mount);
  const place = path === undefined ? undefined : await lookups.hostPlace(path);
  return place === undefined ? mount : { ...mount, leadsTo: place.path };
}

async function withRule(device: RequestedDevice, lookups: Lookups): Promise<RequestedDevice> {
  const rule = device.hostPath.startsWith("/") ? (await lookups.hostPlace(device.hostPath))?.deviceRule : undefined;
  return rule === undefined ? device : { ...device, rule };
}
