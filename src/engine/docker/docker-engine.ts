import type { Readable } from "node:stream";
import { PetrifyError } from "../../model/errors.ts";
import type { LayerChanges } from "../../model/change.ts";
import type { FileTree, ImageFacts } from "../../model/image.ts";
import type {
  ContainerEvent,
  ContainerHandle,
  ContainerProcess,
  ContainerSpec,
  Engine,
  EngineInfo,
  FoundContainer,
  ImportOptions,
  InspectedContainer,
  LayerContent,
  SessionResources,
  VolumeOptions,
  Watching,
} from "../engine.ts";
import type { DockerApi } from "./api.ts";
import { DockerContainer } from "./container.ts";
import { withSeccompProfiles } from "./seccomp.ts";
import { createBody, SESSION_LABEL } from "./create-body.ts";
import type { Endpoint } from "./endpoint.ts";
import { watchContainers } from "./events.ts";
import { findContainer } from "./found-container.ts";
import { inspectContainer } from "./inspected/inspect.ts";
import { containerProcesses } from "./processes.ts";
import { checkReadOnlyPaths } from "./read-only-paths.ts";
import { startFailure, volumeFailure } from "./start-failures.ts";
import { buildImage } from "./build.ts";
import { importImage, inspectImage, loadImage, pullImage, removeImage, tagImage } from "./images.ts";
import { putLinks } from "./links.ts";
import { createPodmanContainer } from "./podman/create.ts";
import { untoldTargets } from "./podman/layer.ts";
import { watchPodman } from "./podman/events.ts";
import { podmanVolumeOptions } from "./podman/volume-options.ts";
import { type QuirkName, quirksOf } from "./quirks.ts";
import { type Address, reachAddress } from "./reach.ts";
import { listSessions, removeSession } from "./session-resources.ts";
import {
  type ContainerAnswer,
  containerAnswer,
  createAnswer,
  errorAnswer,
  type FoundAnswer,
  foundAnswer,
  idList,
  imageAnswer,
  type ImageAnswer,
} from "./schemas.ts";
import { layerChanges, layerContent } from "./tree/changes.ts";
import {
  containerTree,
  createForExport,
  layerDirectories,
  type LayerFacts,
  layerTree,
  readAndRemove,
} from "./tree/container-tree.ts";

/** Throws E_NOT_LOCAL, E_ROOTLESS, E_NOT_ROOT. */
function requireReadableLayer({ local, rootless }: EngineInfo): void {
  if (!local)
    throw new PetrifyError("E_NOT_LOCAL", "A container's files are read on the engine's own host.", {
      hint: "Run Petrify there.",
    });
  if (rootless)
    throw new PetrifyError("E_ROOTLESS", "A rootless engine's files have owners that only it can tell.", {
      hint: "Use an engine that runs as root: sudo petrify ... --host embedded.",
    });
  if (process.geteuid?.() !== 0)
    throw new PetrifyError("E_NOT_ROOT", "A container's files can be read on disk by root only.", {
      hint: "Run it with sudo.",
    });
}

/** What an engine that is more than an address adds: the embedded one is stopped after use. */
export interface EngineHooks {
  readonly info?: Partial<EngineInfo>;
  /** Called last when the engine is disposed of. */
  readonly dispose?: () => Promise<void>;
}

/** An engine behind a Docker API; made by `connectDocker`. */
export class DockerEngine implements Engine {
  readonly info: EngineInfo;
  readonly #api: DockerApi;
  readonly #endpoint: Endpoint;
  readonly #layers: LayerFacts;
  readonly #hooks: EngineHooks;
  readonly #quirks: ReadonlySet<QuirkName>;
  readonly #creating = new Set<Promise<unknown>>();

  constructor(api: DockerApi, endpoint: Endpoint, info: EngineInfo, layers: LayerFacts, hooks: EngineHooks) {
    this.#api = api;
    this.#layers = layers;
    this.#endpoint = endpoint;
    this.info = info;
    this.#hooks = hooks;
    this.#quirks = quirksOf(info.kind === "podman" ? "podman" : "docker");
  }

  image(reference: string): Promise<ImageFacts | undefined> {
    return inspectImage(this.#api, reference);
  }

  pull(reference: string, onProgress: (line: string) => void = () => undefined): Promise<ImageFacts> {
    return pullImage(this.#api, reference, onProgress);
  }

  importImage(tar: Readable, options: ImportOptions): Promise<string> {
    return importImage(this.#api, tar, options, this.#quirks);
  }

  loadImage(tar: Readable): Promise<void> {
    return loadImage(this.#api, tar);
  }

  removeImage(reference: string): Promise<void> {
    return removeImage(this.#api, reference);
  }

  tagImage(id: string, reference: string): Promise<void> {
    return tagImage(this.#api, id, reference);
  }

  buildImage(
    context: Readable,
    reference: string,
    onProgress: (line: string) => void = () => undefined,
  ): Promise<ImageFacts> {
    return buildImage(this.#api, context, reference, onProgress);
  }

  createContainer(spec: ContainerSpec): Promise<ContainerHandle> {
    return this.#tracked(this.#createWithLinks(spec));
  }

  async #createWithLinks(spec: ContainerSpec): Promise<ContainerHandle> {
    const container = await this.#create(spec);
    try {
      if (!spec.readOnlyRoot) await this.#checkWritable(container);
      await putLinks(this.#api, container, spec.links ?? []);
    } catch (error) {
      await container.remove();
      throw error;
    }
    return container;
  }

  async #create(spec: ContainerSpec): Promise<ContainerHandle> {
    if (this.#quirks.has("readOnlyAddsTmpfs")) {
      const { id, tmpfsVolumes } = await createPodmanContainer(this.#api, spec, this.info.defaultRuntime);
      return this.#handle(id, spec, tmpfsVolumes);
    }
    const securityOpt = await withSeccompProfiles(spec.workload.securityOpt);
    const body = createBody({ ...spec, workload: { ...spec.workload, securityOpt } });
    const response = await this.#api.open({
      action: `create ${spec.name}`,
      method: "POST",
      path: "/containers/create",
      query: { name: spec.name, ...(spec.workload.platform !== undefined && { platform: spec.workload.platform }) },
      json: body,
      // Volumes are filled with the image's content before the answer.
      timeoutMs: 600_000,
      accept: [400, 404, 409, 500],
    });
    if ((response.statusCode ?? 0) >= 400) {
      const { message } = await this.#api.parse(response, `create ${spec.name}`, errorAnswer);
      if (response.statusCode === 404 && /no such image/i.test(message))
        throw new PetrifyError("E_IMAGE_NOT_FOUND", `The image ${body.Image} is not on the engine.`, {
          hint: "Pull it first.",
        });
      throw startFailure("created", spec.name, message);
    }
    const { Id } = await this.#api.parse(response, `create ${spec.name}`, createAnswer);
    const container = this.#handle(Id, spec, []);
    if (spec.readOnlyPaths !== undefined) await this.#checkReadOnlyPaths(container, spec.readOnlyPaths);
    return container;
  }

  #handle(id: string, spec: ContainerSpec, ownVolumes: readonly string[]): ContainerHandle {
    return new DockerContainer(this.#api, id, spec, { isLocal: this.info.local, quirks: this.#quirks, ownVolumes });
  }

  /** What a guard before the engine has made read-only says nothing of what it would write. */
  async #checkWritable(container: ContainerHandle): Promise<void> {
    const { HostConfig } = await this.#inspect(container);
    if (!HostConfig.ReadonlyRootfs) return;
    throw new PetrifyError(
      "E_ENGINE_UNSUPPORTED",
      "A writable container was asked for, and the engine made the container read-only.",
      { hint: "Something like petrify guard stands before it: name the engine's own socket by --host." },
    );
  }

  async #checkReadOnlyPaths(container: ContainerHandle, paths: readonly string[]): Promise<void> {
    try {
      const { HostConfig } = await this.#inspect(container);
      checkReadOnlyPaths(paths, HostConfig.ReadonlyPaths, await this.tree(container));
    } catch (error) {
      await container.remove();
      throw error;
    }
  }

  async createVolume(name: string, options: VolumeOptions = {}): Promise<void> {
    const driverOptions = options.driverOptions ?? {};
    const sending = this.#api.send({
      action: `create the volume ${name}`,
      method: "POST",
      path: "/volumes/create",
      json: {
        Name: name,
        Driver: options.driver ?? "local",
        DriverOpts: this.#quirks.has("sizeIsQuota") ? podmanVolumeOptions(driverOptions) : driverOptions,
        Labels: options.session === undefined ? {} : { [SESSION_LABEL]: options.session },
      },
      accept: [400, 404, 409, 500],
    });
    const { status, message } = await this.#tracked(sending);
    if (status >= 400) throw volumeFailure(name, message);
  }

  async hasVolume(name: string): Promise<boolean> {
    const { status } = await this.#api.send({
      action: `look for the volume ${name}`,
      method: "GET",
      path: `/volumes/${encodeURIComponent(name)}`,
      accept: [404],
    });
    return status !== 404;
  }

  async removeVolume(name: string): Promise<void> {
    await this.#api.send({
      action: `remove the volume ${name}`,
      method: "DELETE",
      path: `/volumes/${encodeURIComponent(name)}`,
      accept: [404],
    });
  }

  listSessions(): Promise<readonly SessionResources[]> {
    return listSessions(this.#api);
  }

  async removeSession(session: string): Promise<void> {
    // The engine finishes what it has begun to create even when nobody waits for it any more.
    await Promise.allSettled(this.#creating);
    await removeSession(this.#api, session, this.#quirks);
  }

  async containers(which: "running" | "all"): Promise<readonly string[]> {
    const query = which === "all" ? { all: "1" } : {};
    const found = await this.#api.json(
      { action: "list the containers", method: "GET", path: "/containers/json", query },
      idList,
    );
    return found.map(({ Id }) => Id);
  }

  async find(reference: string): Promise<FoundContainer | undefined> {
    return findContainer(this.#api, reference, this.info, this.#quirks);
  }

  inspect(reference: string): Promise<InspectedContainer | undefined> {
    return inspectContainer(this.#api, reference, this.info, this.#quirks);
  }

  processes(container: Pick<ContainerHandle, "id" | "name">): Promise<readonly ContainerProcess[]> {
    return containerProcesses(this.#api, container, this.#quirks);
  }

  async changes(container: Pick<ContainerHandle, "id" | "name">, mostFiles?: number): Promise<LayerChanges> {
    const found = await this.#inspectFound(container);
    return layerChanges(this.#api, found, this.#layers, {
      ...(mostFiles === undefined ? {} : { mostFiles }),
      ...(this.#untoldTargets === undefined ? {} : { untoldTargets: this.#untoldTargets }),
    });
  }

  async layer(container: Pick<ContainerHandle, "id" | "name">, content: LayerContent): Promise<LayerChanges> {
    requireReadableLayer(this.info);
    const inspected = await this.#inspectFound(container);
    const found = await layerContent(inspected, this.#layers, content, this.#untoldTargets);
    if (found !== undefined) return found;
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", "The engine does not tell where a container's layer lies on disk.", {
      hint: "An engine with the overlay driver does; `petrify doctor` shows how the files of an image are read.",
    });
  }

  get #untoldTargets(): typeof untoldTargets | undefined {
    return this.#quirks.has("foundDiffers") ? untoldTargets : undefined;
  }

  #inspectFound({ id, name }: Pick<ContainerHandle, "id" | "name">): Promise<FoundAnswer> {
    return this.#api.json({ action: `inspect ${name}`, method: "GET", path: `/containers/${id}/json` }, foundAnswer);
  }

  async watch(onEvent: (event: ContainerEvent) => void, onLost: (error: Error) => void): Promise<Watching> {
    return this.#quirks.has("eventsDiffer")
      ? watchPodman(this.#api, this.info, onEvent, onLost)
      : watchContainers(this.#api, onEvent, onLost);
  }

  async tree(container: Pick<ContainerHandle, "id" | "name">): Promise<FileTree> {
    return containerTree(this.#api, await this.#inspect(container), this.#layers);
  }

  async imageTree(image: ImageFacts, session: string): Promise<FileTree> {
    // Tracked from the first request on: the session may be removed before the container is asked for.
    const found = await this.#tracked(this.#layersOrContainer(image, session));
    return typeof found === "string" ? readAndRemove(this.#api, found, this.#layers) : found;
  }

  async imageLayers(image: ImageFacts): Promise<FileTree | undefined> {
    const { GraphDriver } = await this.#inspectImage(image);
    return layerTree(layerDirectories(GraphDriver, this.#layers), this.#layers);
  }

  #inspectImage({ id }: ImageFacts): Promise<ImageAnswer> {
    const path = `/images/${encodeURIComponent(id)}/json`;
    return this.#api.json({ action: `inspect the image ${id}`, method: "GET", path }, imageAnswer);
  }

  async #layersOrContainer(image: ImageFacts, session: string): Promise<FileTree | string> {
    return (await this.imageLayers(image)) ?? createForExport(this.#api, image.id, session);
  }

  async reach(
    container: Pick<ContainerHandle, "id" | "name">,
    port: number,
    protocol: "tcp" | "udp",
  ): Promise<Address> {
    const { local, rootless } = this.info;
    return reachAddress(await this.#inspect(container), port, protocol, { endpoint: this.#endpoint, local, rootless });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api.close();
    await this.#hooks.dispose?.();
  }

  #tracked<T>(creation: Promise<T>): Promise<T> {
    this.#creating.add(creation);
    const done = (): void => void this.#creating.delete(creation);
    creation.then(done, done);
    return creation;
  }

  #inspect(container: Pick<ContainerHandle, "id" | "name">): Promise<ContainerAnswer> {
    return this.#api.json(
      { action: `inspect ${container.name}`, method: "GET", path: `/containers/${container.id}/json` },
      containerAnswer,
    );
  }
}
