import type { EngineInfo, FoundContainer } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { SESSION_LABEL } from "./create-body.ts";
import { stateOf } from "./container.ts";
import { inspectImage } from "./images.ts";
import { foundAnswer } from "./schemas.ts";
import { settingsOf } from "./settings-of.ts";

/** A container by name or id; undefined when there is none. */
export async function findContainer(
  api: DockerApi,
  reference: string,
  { local, defaultRuntime }: EngineInfo,
): Promise<FoundContainer | undefined> {
  const path = `/containers/${encodeURIComponent(reference)}/json`;
  const answer = await api.find({ action: `inspect ${reference}`, method: "GET", path }, foundAnswer);
  if (answer === undefined) return undefined;
  const image = await inspectImage(api, answer.Image);
  return {
    id: answer.Id,
    name: answer.Name.replace(/^\//, ""),
    imageId: answer.Image,
    settings: settingsOf(answer, image, defaultRuntime),
    labels: answer.Config.Labels,
    session: answer.Config.Labels[SESSION_LABEL] ?? "",
    readOnlyRoot: answer.HostConfig.ReadonlyRootfs,
    autoRemove: answer.HostConfig.AutoRemove,
    state: stateOf(answer, local),
  };
}
