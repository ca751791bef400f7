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
import type { EngineUse } from "./lifecycle.ts";
import { withLock } from "./lock.ts";
import { loopbackRegistry, openLoopback } from "./loopback-registry.ts";
import type { EngineNamespace } from "./namespace.ts";
import type { Target } from "./netns-protocol.ts";
import { PublishedContainer } from "./published-container.ts";
import { reachThrough } from "./reach.ts";
import { openRelay } from "./relay.ts";

/** A Docker engine in a network namespace without a way out: pulls and published ports go through petrify. */
export class EmbeddedEngine implements Engine {
  readonly info: EngineInfo;
  readonly #docker: Engine;
  readonly #use: EngineUse;
  readonly #namespace: EngineNamespace;
  readonly #reach: ReturnType<typeof reachThrough>;
  /** Containers that share the engine's network. */
  readonly #onHostNetwork = new Set<string>();

  constructor(docker: Engine, use: EngineUse, namespace: EngineNamespace) {
    this.info = docker.info;
    this.#docker = docker;
    this.#use = use;
    this.#namespace = namespace;
    this.#reach = reachThrough(namespace);
  }

  /** One pull at a time, in all petrify processes: the engine knows one proxy address, and one process answers there. */
  async pull(reference: string, onProgress?: (line: string) => void): Promise<ImageFacts> {
    const registry = loopbackRegistry(reference);
    return withLock(
      this.#use.layout.pullLockFile,
      async () => {
        await using _ = await (registry === undefined
          ? openRelay(this.#namespace, this.#use.proxy, process.env)
          : openLoopback(this.#namespace, registry));
        return await this.#docker.pull(reference, onProgress);
      },
      "waiting for another pull",
      onProgress === undefined ? {} : { onProgress },
    );
  }

  async createContainer(spec: ContainerSpec): Promise<ContainerHandle> {
    const container = await this.#docker.createContainer({ ...spec, publishPorts: false });
    const { network, ports } = spec.workload;
    if (network === "host") this.#onHostNetwork.add(container.id);
    if (!spec.publishPorts || ports.length === 0 || network === "host") return container;
    if (network !== "none") return new PublishedContainer(container, ports, this.#namespace);
    await container.remove();
    throw new PetrifyError("E_PORT", `${spec.name} has no network, so its ports cannot be published.`, {
      hint: "Leave --publish or --network none away.",
    });
  }

  image(reference: string): Promise<ImageFacts | undefined> {
    return this.#docker.image(reference);
  }
  importImage(tar: Readable, options: ImportOptions): Promise<string> {
    return this.#docker.importImage(tar, options);
  }
  loadImage(tar: Readable): Promise<void> {
    return this.#docker.loadImage(tar);
  }
  removeImage(reference: string): Promise<void> {
    return this.#docker.removeImage(reference);
  }
  tagImage(id: string, reference: string): Promise<void> {
    return this.#docker.tagImage(id, reference);
  }
  buildImage(context: Readable, reference: string, onProgress?: (line: string) => void): Promise<ImageFacts> {
    return this.#docker.buildImage(context, reference, onProgress);
  }
  createVolume(name: string, options?: VolumeOptions): Promise<void> {
    return this.#docker.createVolume(name, options);
  }
  hasVolume(name: string): Promise<boolean> {
    return this.#docker.hasVolume(name);
  }
  removeVolume(name: string): Promise<void> {
    return this.#docker.removeVolume(name);
  }
  listSessions(): Promise<readonly SessionResources[]> {
    return this.#docker.listSessions();
  }
  removeSession(session: string): Promise<void> {
    return this.#docker.removeSession(session);
  }
  containers(which: "running" | "all"): Promise<readonly string[]> {
    return this.#docker.containers(which);
  }
  find(reference: string): Promise<FoundContainer | undefined> {
    return this.#docker.find(reference);
  }
  inspect(reference: string): Promise<InspectedContainer | undefined> {
    return this.#docker.inspect(reference);
  }
  processes(container: Pick<ContainerHandle, "id" | "name">): Promise<readonly ContainerProcess[]> {
    return this.#docker.processes(container);
  }
  imageLayers(image: ImageFacts): Promise<FileTree | undefined> {
    return this.#docker.imageLayers(image);
  }
  changes(container: Pick<ContainerHandle, "id" | "name">, mostFiles?: number): Promise<LayerChanges> {
    return this.#docker.changes(container, mostFiles);
  }
  layer(container: Pick<ContainerHandle, "id" | "name">, content: LayerContent): Promise<LayerChanges> {
    return this.#docker.layer(container, content);
  }
  watch(onEvent: (event: ContainerEvent) => void, onLost: (error: Error) => void): Promise<Watching> {
    return this.#docker.watch(onEvent, onLost);
  }
  tree(container: Pick<ContainerHandle, "id" | "name">): Promise<FileTree> {
    return this.#docker.tree(container);
  }
  imageTree(image: ImageFacts, session: string): Promise<FileTree> {
    return this.#docker.imageTree(image, session);
  }
  async reach(
    container: Pick<ContainerHandle, "id" | "name" | "state">,
    port: number,
    protocol: "tcp" | "udp",
  ): Promise<Target> {
    const address = this.#onHostNetwork.has(container.id) ? "127.0.0.1" : (await container.state()).ipAddress;
    return this.#reach(container, address, port, protocol);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#docker[Symbol.asyncDispose]();
  }
}
