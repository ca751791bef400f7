import * as z from "zod";
import { DockerApi } from "../../engine/docker/api.ts";
import { inspectImage } from "../../engine/docker/images.ts";
import { PetrifyError } from "../../model/errors.ts";
import type { ImageFacts } from "../../model/image.ts";
import { readInspect } from "../docker-api/inspect.ts";
import { hostPlace } from "./host-place.ts";
import { ImageGuess } from "./image-guess.ts";
import type { ExistingContainer, ExistingExec, ExistingPod, ExistingVolume, HostPlace, Lookups } from "./lookups.ts";

/** A client waits meanwhile, and dockerd itself waits 30 s for its plugin. */
const ANSWER_TIMEOUT_MS = 20_000;
/** Of Podman's own API: its oldest version that serves pods as all later ones do. */
const LIBPOD_VERSION = "4.0.0";

const PODMAN_RUNTIME = "oci";

const infoAnswer = z.object({ DefaultRuntime: z.string().nullish(), DockerRootDir: z.string().nullish() });
const execAnswer = z.object({
  ContainerID: z.string().min(1),
  // Podman says nothing of it in older versions: then it may be.
  ProcessConfig: z.object({ privileged: z.boolean().nullish() }).nullish(),
});
const podAnswer = z.object({
  InfraContainerID: z.string().nullish(),
  Containers: z.array(z.object({ Id: z.string().min(1) })).nullish(),
});
const podmanContainerAnswer = z.object({ Pod: z.string().nullish() });
const volumeAnswer = z.object({
  Driver: z.string(),
  Options: z.record(z.string(), z.string()).nullish(),
});

/** Asks the engine that calls go to, over connections of its own. */
export class EngineLookups implements Lookups {
  readonly #api: DockerApi;
  readonly #guess = new ImageGuess();

  constructor(socketPath: string) {
    this.#api = new DockerApi({ kind: "unix", path: socketPath });
  }

  async image(reference: string): Promise<ImageFacts | undefined> {
    const image = await this.#image(reference);
    if (image !== undefined) this.#guess.named(image.id);
    return image;
  }

  async #image(reference: string): Promise<ImageFacts | undefined> {
    try {
      return await inspectImage(this.#api, reference);
    } catch (error) {
      // Of what no engine takes for a name there is no image.
      if (error instanceof PetrifyError && error.code === "E_IMAGE_REFERENCE") return undefined;
      throw error;
    }
  }

  async container(idOrName: string): Promise<ExistingContainer | undefined> {
    const guessed = this.#guess.of(idOrName);
    // Its names change: an answer to an older question would not do.
    const ahead = guessed === undefined ? undefined : this.#image(guessed);
    // Of no matter unless the guess was right; then it is awaited below.
    ahead?.catch(() => undefined);
    const answer = await this.#find(`containers/${encodeURIComponent(idOrName)}/json`, z.unknown());
    if (answer === undefined) return undefined;
    const { id, createdMs, imageId, isRunning, container } = readInspect(answer);
    if (imageId !== undefined) this.#guess.seen(idOrName, imageId);
    const [asked, image, pod] = await Promise.all([
      this.#withoutDefaultRuntime(container),
      imageId === undefined ? undefined : imageId === guessed ? ahead : this.#image(imageId),
      container.runtime === PODMAN_RUNTIME ? this.#podOf(idOrName) : undefined,
    ]);
    return {
      ...(id !== undefined && { id }),
      createdMs,
      container: image === undefined ? asked : { ...asked, image },
      ...(container.runtime === PODMAN_RUNTIME && !isRunning && { isOpenToCopies: true }),
      ...(pod !== undefined && { pod }),
    };
  }

  async #podOf(idOrName: string): Promise<string | undefined> {
    const path = `libpod/containers/${encodeURIComponent(idOrName)}/json`;
    return (await this.#find(path, podmanContainerAnswer, LIBPOD_VERSION))?.Pod || undefined;
  }

  /** Engines write down a runtime for each container, whether one was asked for or not; what Podman writes is a constant. */
  async #withoutDefaultRuntime<T extends { readonly runtime?: string }>(container: T): Promise<T> {
    const { runtime, ...rest } = container;
    if (runtime === undefined) return container;
    if (runtime !== this.#defaultRuntime && runtime !== PODMAN_RUNTIME)
      this.#defaultRuntime = (await this.#find("info", infoAnswer))?.DefaultRuntime ?? undefined;
    return runtime === this.#defaultRuntime || runtime === PODMAN_RUNTIME ? (rest as T) : container;
  }
  #defaultRuntime: string | undefined;

  async exec(id: string): Promise<ExistingExec | undefined> {
    const answer = await this.#find(`exec/${encodeURIComponent(id)}/json`, execAnswer);
    if (answer === undefined) return undefined;
    return { containerId: answer.ContainerID, privileged: answer.ProcessConfig?.privileged ?? false };
  }

  async pod(name: string): Promise<ExistingPod | undefined> {
    const answer = await this.#find(`libpod/pods/${encodeURIComponent(name)}/json`, podAnswer, LIBPOD_VERSION);
    if (answer === undefined) return undefined;
    const containers = (answer.Containers ?? []).map(({ Id }) => Id);
    return { containers, ...(answer.InfraContainerID && { infra: answer.InfraContainerID }) };
  }

  async volume(name: string): Promise<ExistingVolume | undefined> {
    const answer = await this.#find(`volumes/${encodeURIComponent(name)}`, volumeAnswer);
    return answer === undefined ? undefined : { driver: answer.Driver, options: answer.Options ?? {} };
  }

  async dataRoot(): Promise<string | undefined> {
    this.#dataRoot ??= (await this.#find("info", infoAnswer))?.DockerRootDir ?? "";
    return this.#dataRoot || undefined;
  }
  #dataRoot: string | undefined;

  hostPlace(path: string): Promise<HostPlace | undefined> {
    return hostPlace(path);
  }

  close(): void {
    this.#api.close();
  }

  #find<T>(path: string, schema: z.ZodType<T>, version?: string): Promise<T | undefined> {
    return this.#api.find(
      {
        action: "look at what a call is about",
        method: "GET",
        path: `/${path}`,
        timeoutMs: ANSWER_TIMEOUT_MS,
        ...(version !== undefined && { version }),
      },
      schema,
    );
  }
}
