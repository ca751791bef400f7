import { PetrifyError } from "../../../model/errors.ts";
import type { ContainerSpec } from "../../engine.ts";
import type { DockerApi } from "../api.ts";
import { SESSION_LABEL } from "../create-body.ts";
import { inspectImage } from "../images.ts";
import { createAnswer, errorAnswer } from "../schemas.ts";
import { startFailure, volumeFailure } from "../start-failures.ts";
import { podmanCreateBody } from "./create-body.ts";
import { LIBPOD_VERSION } from "./libpod.ts";
import { type NeededVolume, newTmpfsVolume, podmanMounts } from "./mounts.ts";
import { podmanVolumeOptions } from "./volume-options.ts";

export interface CreatedContainer {
  readonly id: string;
  /** Volumes that stand for a tmpfs: nobody else's, to be removed after the container. */
  readonly tmpfsVolumes: readonly string[];
}

/**
 * Creates a container by Podman's own API, and before it the volumes that need options; a volume of the user's that is there
 * stays as it is. Throws E_CONTAINER_START, E_IMAGE_NOT_FOUND, E_ENGINE_UNSUPPORTED, E_USAGE.
 */
export async function createPodmanContainer(
  api: DockerApi,
  spec: ContainerSpec,
  runtime: string,
): Promise<CreatedContainer> {
  const { workload } = spec;
  if (workload.runtime !== undefined && workload.runtime !== runtime)
    throw new PetrifyError(
      "E_ENGINE_UNSUPPORTED",
      `Podman runs all containers with the runtime of its configuration, ${runtime}: ${workload.runtime} cannot be asked for.`,
      { hint: "Leave --runtime out, or set `runtime` in containers.conf and restart Podman's service." },
    );
  // Short names are Docker's here; Podman's own API would look for them in any registry of its list.
  const image = await inspectImage(api, spec.imageId ?? workload.image);
  if (image === undefined)
    throw new PetrifyError("E_IMAGE_NOT_FOUND", `The image ${spec.imageId ?? workload.image} is not on the engine.`, {
      hint: "Pull it first.",
    });
  const mounts = podmanMounts(spec, newTmpfsVolume);
  const body = podmanCreateBody(spec, image.id, mounts);
  const tmpfsVolumes = mounts.needed.filter((volume) => volume.isTmpfs).map(({ name }) => name);
  try {
    for (const volume of mounts.needed) await makeVolume(api, volume, spec);
    return { id: await create(api, spec, body), tmpfsVolumes };
  } catch (error) {
    await removeVolumes(api, tmpfsVolumes).catch(() => undefined);
    throw error;
  }
}

export async function removeVolumes(api: DockerApi, names: readonly string[]): Promise<void> {
  for (const name of names)
    await api.send({ action: `remove the volume ${name}`, method: "DELETE", path: `/volumes/${name}`, accept: [404] });
}

async function create(api: DockerApi, spec: ContainerSpec, json: unknown): Promise<string> {
  const action = `create ${spec.name}`;
  const response = await api.open({
    action,
    method: "POST",
    version: LIBPOD_VERSION,
    path: "/libpod/containers/create",
    json,
    timeoutMs: 600_000,
    accept: [400, 404, 409, 500],
  });
  if ((response.statusCode ?? 0) < 400) return (await api.parse(response, action, createAnswer)).Id;
  throw startFailure("created", spec.name, (await api.parse(response, action, errorAnswer)).message);
}

async function makeVolume(api: DockerApi, { name, driver, options, isTmpfs }: NeededVolume, spec: ContainerSpec) {
  if (name === "")
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", "Podman takes driver options for a volume with a name only.", {
      hint: "Give the volume a name.",
    });
  const action = `create the volume ${name}`;
  const { status } = await api.send({
    action: `look at the volume ${name}`,
    method: "GET",
    path: `/volumes/${encodeURIComponent(name)}`,
    accept: [404],
  });
  if (status !== 404) return;
  const labels = isTmpfs && spec.session !== "" ? { [SESSION_LABEL]: spec.session } : {};
  const made = await api.send({
    action,
    method: "POST",
    path: "/volumes/create",
    json: { Name: name, Driver: driver, DriverOpts: podmanVolumeOptions(options), Labels: labels },
    accept: [400, 404, 409, 500],
  });
  if (made.status >= 400) throw volumeFailure(name, made.message);
}
