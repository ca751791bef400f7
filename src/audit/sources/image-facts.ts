import type { ImageFacts } from "../../model/image.ts";
import type { AuditImage } from "../container.ts";

/** What rules and strategies ask of an image. */
export function imageFacts(image: ImageFacts): AuditImage {
  const { id, repoDigests, repoTags, user, volumes, hasHealthcheck, entrypoint, command, workingDir } = image;
  return { id, repoDigests, repoTags, user, volumes, hasHealthcheck, entrypoint, command, workingDir };
}
