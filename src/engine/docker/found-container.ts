import type { EngineInfo, FoundContainer } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { SESSION_LABEL } from "./create-body.ts";
import { stateOf } from "./container.ts";
import { inspectImage } from "./images.ts";
import { asDockerTells } from "./podman/found.ts";
import { inspectLibpod, withTmpfsOfVolumes } from "./podman/inspect.ts";
import type { QuirkName } from "./quirks.ts";
import { foundAnswer } from "./schemas.ts";
import { settingsOf } from "./settings-of.ts";

/** A container by name or id; undefined when there is none. */
export async function findContainer(
  api: DockerApi,
  reference: string,
  { local, defaultRuntime }: EngineInfo,
  quirks: ReadonlySet<QuirkName>,
): Promise<FoundContainer | undefined> {
  const path = `/containers/${encodeURIComponent(reference)}/json`;
  // At once: it may be gone in a moment.
  const isPodman = quirks.has("foundDiffers");
  const [told, own] = await Promise.all([
    api.find({ action: `inspect ${reference}`, method: "GET", path }, foundAnswer),
    isPodman ? inspectLibpod(api, reference) : undefined,
  ]);
  if (told === undefined || (isPodman && own === undefined)) return undefined;
  const image = told.Image === "" ? undefined : await inspectImage(api, told.Image);
  const answer = own === undefined ? told : asDockerTells(await withTmpfsOfVolumes(api, told), own, image);
  return {
    id: answer.Id,
    name: answer.Name.replace(/^\//, ""),
    imageId: answer.Image,
    settings: settingsOf(answer, image, defaultRuntime),
    labels: answer.Config.Labels,
    session: answer.Config.Labels[SESSION_LABEL] ?? "",
    isInfrastructure: own?.IsInfra === true || own?.IsService === true,
    readOnlyRoot: answer.HostConfig.ReadonlyRootfs,
    autoRemove: answer.HostConfig.AutoRemove,
    state: stateOf(answer, local),
  };
}
