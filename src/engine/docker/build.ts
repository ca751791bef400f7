import type { Readable } from "node:stream";
import type { ImageFacts } from "../../model/image.ts";
import type { DockerApi } from "./api.ts";
import { malformed, refusal } from "./failures.ts";
import { inspectImage, progressOf } from "./images.ts";
import { formatProgress } from "./progress.ts";
import { parseReference } from "./reference.ts";

/**
 * Builds the `Dockerfile` of a tar by the builder that is part of every engine, and names the result. Nothing that it runs has
 * a network, nothing is pulled, and no container of a build stays. Throws E_IMAGE_REFERENCE, E_ENGINE_API.
 */
export async function buildImage(
  api: DockerApi,
  context: Readable,
  reference: string,
  onProgress: (line: string) => void,
): Promise<ImageFacts> {
  parseReference(reference);
  const action = `build ${reference}`;
  const response = await api.open({
    action,
    method: "POST",
    path: "/build",
    query: { t: reference, dockerfile: "Dockerfile", rm: "1", forcerm: "1", networkmode: "none" },
    headers: { "content-type": "application/x-tar" },
    body: context,
    timeoutMs: Infinity,
  });
  for await (const line of progressOf(api, response, action)) {
    if (line.error !== "") throw refusal(action, 200, line.error);
    const text = formatProgress(line);
    if (text !== "") onProgress(text);
  }
  const built = await inspectImage(api, reference);
  if (built === undefined) throw malformed(action, "it reported success and does not have the image");
  return built;
}
