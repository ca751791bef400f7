import type { VolumeSettings } from "../../../audit/local-volume.ts";
import type { EngineInfo, InspectedContainer } from "../../engine.ts";
import type { DockerApi } from "../api.ts";
import { stateOf } from "../container.ts";
import { inspectImage } from "../images.ts";
import { inspectLibpod } from "../podman/inspect.ts";
import { withPodmansOwn } from "../podman/inspected.ts";
import type { QuirkName } from "../quirks.ts";
import { inspectedAnswer, type InspectedAnswer, volumeAnswer } from "../schemas.ts";
import { ANONYMOUS_VOLUME } from "../settings-of.ts";
import { auditSettings } from "./settings.ts";

/** A container by name or id with all it was given; undefined when there is none. */
export async function inspectContainer(
  api: DockerApi,
  reference: string,
  { local, apiVersion, rootless, remappedRoot }: EngineInfo,
  quirks: ReadonlySet<QuirkName>,
): Promise<InspectedContainer | undefined> {
  const path = `/containers/${encodeURIComponent(reference)}/json`;
  const isPodman = quirks.has("foundDiffers");
  // At once: it may be gone in a moment.
  const [told, own] = await Promise.all([
    api.find({ action: `inspect ${reference}`, method: "GET", path }, inspectedAnswer),
    isPodman ? inspectLibpod(api, reference) : undefined,
  ]);
  if (told === undefined || (isPodman && own === undefined)) return undefined;
  const [image, volumes] = await Promise.all([
    told.Image === "" ? undefined : inspectImage(api, told.Image),
    volumesOf(api, told),
  ]);
  const { answer, settings, unknown, hasOwnUsers } =
    own === undefined
      ? { answer: told, settings: {}, unknown: [], hasOwnUsers: false }
      : await withPodmansOwn(told, own, { image, isLocal: local });
  // Docker 25 makes what is below read-only too, where the kernel can (moby daemon/oci_linux.go, 1.44 of the API).
  const readOnlyOnTop = isPodman || Number(apiVersion.split(".")[1]) < 44;
  // Whose root is nobody on the host writes neither to its kernel's settings nor to its devices, whatever is masked.
  const isNobody = rootless || hasOwnUsers || (remappedRoot !== undefined && told.HostConfig.UsernsMode !== "host");
  const facts = { volumes, tmpfsIsExec: isPodman, readOnlyOnTop: readOnlyOnTop && !isNobody };
  const all = { ...auditSettings(answer, facts), ...settings };
  return {
    id: answer.Id,
    name: answer.Name.replace(/^\//, ""),
    ...(image === undefined ? {} : { image }),
    isInfrastructure: own?.IsInfra === true || own?.IsService === true,
    state: stateOf(answer, local),
    settings: isNobody ? { ...all, unmaskedPaths: { value: false } } : all,
    unknown,
  };
}

/** Driver and options of its named volumes; one that cannot be asked for is left out. */
async function volumesOf(api: DockerApi, { Mounts }: InspectedAnswer): Promise<ReadonlyMap<string, VolumeSettings>> {
  const names = Mounts.filter(({ Type, Name }) => Type === "volume" && !ANONYMOUS_VOLUME.test(Name));
  const told = await Promise.all(
    names.map(async ({ Name }) => {
      const path = `/volumes/${encodeURIComponent(Name)}`;
      const volume = await api.find({ action: `look at the volume ${Name}`, method: "GET", path }, volumeAnswer);
      return volume === undefined ? [] : [[Name, { driver: volume.Driver, options: volume.Options }] as const];
    }),
  );
  return new Map(told.flat());
}
