import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { PetrifyError } from "../../model/errors.ts";
import type { ImageFacts } from "../../model/image.ts";
import type { ImportOptions } from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { imageFailureCode, malformed, refusal } from "./failures.ts";
import { formatProgress, type ProgressLine, readProgress } from "./progress.ts";
import type { QuirkName } from "./quirks.ts";
import { type ImageReference, parseReference, registryOf } from "./reference.ts";
import { registryAuth } from "./registry-auth.ts";
import { type ImageAnswer, imageAnswer } from "./schemas.ts";
import { sentence } from "./text.ts";

/** Facts of a local image; undefined when the engine has none of this name. Throws E_IMAGE_REFERENCE. */
export async function inspectImage(api: DockerApi, reference: string): Promise<ImageFacts | undefined> {
  parseReference(reference);
  const path = `/images/${encodeURIComponent(reference)}/json`;
  const answer = await api
    .find({ action: `inspect the image ${reference}`, method: "GET", path }, imageAnswer)
    .catch((error: unknown) => {
      // Older engines refuse names that newer ones take for a registry's: `Upper/x`.
      if (error instanceof PetrifyError && imageFailureCode(400, error.message) === "E_IMAGE_REFERENCE")
        throw new PetrifyError("E_IMAGE_REFERENCE", `'${reference}' is not the name of an image.`, {
          hint: "Names of images are lower case.",
          cause: error,
        });
      throw error;
    });
  return answer === undefined ? undefined : imageFacts(answer);
}

/** Facts from the answer of `GET /images/{name}/json`. Throws E_ENGINE_API. */
export function readImageFacts(value: unknown): ImageFacts {
  const answer = imageAnswer.safeParse(value);
  if (!answer.success) throw malformed("inspect an image", answer.error.message, answer.error);
  return imageFacts(answer.data);
}

/** Throws E_IMAGE_NOT_FOUND, E_IMAGE_REFERENCE. */
export async function pullImage(
  api: DockerApi,
  reference: string,
  onProgress: (line: string) => void,
): Promise<ImageFacts> {
  const parsed = parseReference(reference);
  if (parsed.isId) throw notPulled(reference, 404, "an image id cannot be pulled");
  const response = await api.open({
    action: `pull ${reference}`,
    method: "POST",
    path: "/images/create",
    query: { fromImage: parsed.name, tag: parsed.digest ?? parsed.tag ?? "latest" },
    headers: await registryAuth(registryOf(parsed)),
    // The engine is silent until the registry has answered, with retries of its own.
    timeoutMs: 300_000,
    accept: [400, 401, 403, 404, 500, 503],
  });
  const failed = (response.statusCode ?? 0) >= 300;
  for await (const line of progressOf(api, response, `pull ${reference}`)) {
    const message = failed ? line.message || line.error : line.error;
    if (message !== "") throw notPulled(reference, response.statusCode ?? 0, message);
    const text = formatProgress(line);
    if (text !== "") onProgress(text);
  }
  if (failed) throw notPulled(reference, response.statusCode ?? 0, `status ${response.statusCode}`);
  const facts = await inspectImage(api, pulledName(parsed));
  if (facts === undefined) throw notPulled(reference, 404, "the engine reported success and does not have it");
  return facts;
}

/** Makes an image of one root file system tar; returns its id. */
export async function importImage(
  api: DockerApi,
  tar: Readable,
  options: ImportOptions,
  quirks: ReadonlySet<QuirkName>,
): Promise<string> {
  const { name, tag } = parseReference(options.reference);
  const action = `import ${options.reference}`;
  const changes = quirks.has("oneExposeEach") ? options.changes.flatMap(oneExposeEach) : options.changes;
  const response = await api.open({
    action,
    method: "POST",
    path: "/images/create",
    query: {
      fromSrc: "-",
      ...(quirks.has("importIgnoresTag")
        ? { repo: `${name}:${tag ?? "latest"}` }
        : { repo: name, tag: tag ?? "latest" }),
      changes,
    },
    headers: { "content-type": "application/x-tar" },
    body: tar,
    timeoutMs: Infinity,
  });
  let id = "";
  for await (const line of progressOf(api, response, action)) {
    if (line.error !== "") throw refusal(action, 200, line.error);
    if (line.status !== "") id = line.status;
  }
  if (!/^sha256:[0-9a-f]{64}$/.test(id)) throw malformed(action, "it does not end with the id of the image");
  return id;
}

/** `EXPOSE 80 53/udp` as one instruction a port. */
function oneExposeEach(change: string): readonly string[] {
  const ports = /^\s*EXPOSE\s+(.+)$/is.exec(change)?.[1];
  return ports === undefined
    ? [change]
    : ports
        .trim()
        .split(/\s+/)
        .map((port) => `EXPOSE ${port}`);
}

/** Loads a `docker save` archive. */
export async function loadImage(api: DockerApi, tar: Readable): Promise<void> {
  const action = "load the image archive";
  const response = await api.open({
    action,
    method: "POST",
    path: "/images/load",
    query: { quiet: "1" },
    headers: { "content-type": "application/x-tar" },
    body: tar,
    timeoutMs: Infinity,
  });
  for await (const line of progressOf(api, response, action)) {
    if (line.error !== "") throw refusal(action, 200, line.error);
  }
}

/** No error when it is not there; E_ENGINE_API when a container still uses it. */
export async function removeImage(api: DockerApi, reference: string): Promise<void> {
  parseReference(reference);
  await api.send({
    action: `remove the image ${reference}`,
    method: "DELETE",
    path: `/images/${encodeURIComponent(reference)}`,
    accept: [404],
  });
}

/** Throws E_IMAGE_REFERENCE, E_ENGINE_API. */
export async function tagImage(api: DockerApi, id: string, reference: string): Promise<void> {
  const { name, tag } = parseReference(reference);
  await api.send({
    action: `name the image ${reference}`,
    method: "POST",
    path: `/images/${encodeURIComponent(id)}/tag`,
    query: { repo: name, tag: tag ?? "latest" },
  });
}

export async function* progressOf(
  api: DockerApi,
  response: IncomingMessage,
  action: string,
): AsyncGenerator<ProgressLine> {
  try {
    yield* readProgress(response, action);
  } catch (error) {
    throw api.lost(error);
  }
}

function pulledName(reference: ImageReference): string {
  return reference.digest === undefined
    ? `${reference.name}:${reference.tag ?? "latest"}`
    : `${reference.name}@${reference.digest}`;
}

function notPulled(reference: string, status: number, message: string): PetrifyError {
  const code = imageFailureCode(status, message);
  return new PetrifyError(code, sentence(`The image ${reference} is not here and could not be pulled: ${message}`), {
    hint: /denied|unauthorized|authentication/i.test(message)
      ? "Check the name; for a private image, run `docker login` first."
      : /manifest unknown|not found/i.test(message)
        ? "Check the name and the tag."
        : "Check that the engine reaches the registry, or load the image with `docker load` first.",
  });
}

function imageFacts(answer: ImageAnswer): ImageFacts {
  const config = answer.Config ?? undefined;
  const check = config?.Healthcheck?.Test ?? [];
  const stopSignal = config?.StopSignal ?? "";
  return {
    id: answer.Id,
    repoDigests: answer.RepoDigests,
    repoTags: answer.RepoTags,
    entrypoint: config?.Entrypoint ?? [],
    command: config?.Cmd ?? [],
    env: config?.Env ?? [],
    user: config?.User ?? "",
    workingDir: config?.WorkingDir ?? "",
    volumes: config?.Volumes ?? [],
    exposedPorts: config?.ExposedPorts ?? [],
    // ["NONE"] is how a Dockerfile takes the base image's check away.
    hasHealthcheck: check.length > 0 && check[0] !== "NONE",
    ...(stopSignal !== "" && { stopSignal }),
    architecture: answer.Architecture,
    sizeBytes: answer.Size,
  };
}
