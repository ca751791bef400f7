import type { DockerApi } from "../api.ts";
import { type FoundAnswer, type LibpodFound, libpodFound, volumeAnswer } from "../schemas.ts";
import { LIBPOD_VERSION } from "./libpod.ts";
import { isTmpfsVolume } from "./mounts.ts";
import { sizeInBytes } from "./volume-options.ts";

/** What only Podman's own API tells of a container; undefined when there is none. */
export function inspectLibpod(api: DockerApi, reference: string): Promise<LibpodFound | undefined> {
  const path = `/libpod/containers/${encodeURIComponent(reference)}/json`;
  return api.find({ action: `inspect ${reference}`, method: "GET", version: LIBPOD_VERSION, path }, libpodFound);
}

/** A volume that Petrify made because Podman's tmpfs takes no owner is that tmpfs again. */
export async function withTmpfsOfVolumes(api: DockerApi, told: FoundAnswer): Promise<FoundAnswer> {
  const Tmpfs: Record<string, string> = { ...told.HostConfig.Tmpfs };
  const Mounts: FoundAnswer["Mounts"] = [];
  for (const mount of told.Mounts) {
    const path = `/volumes/${encodeURIComponent(mount.Name)}`;
    const volume = isTmpfsVolume(mount.Name)
      ? await api.find({ action: `look at the volume ${mount.Name}`, method: "GET", path }, volumeAnswer)
      : undefined;
    if (volume === undefined) Mounts.push(mount);
    else Tmpfs[mount.Destination] = sizeInBytes(volume.Options["o"]);
  }
  return { ...told, Mounts, HostConfig: { ...told.HostConfig, Tmpfs } };
}
