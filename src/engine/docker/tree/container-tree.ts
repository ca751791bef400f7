import { access, constants } from "node:fs/promises";
import type { FileTree } from "../../../model/image.ts";
import type { Owner } from "../../../model/owner.ts";
import type { DockerApi } from "../api.ts";
import { SESSION_LABEL } from "../create-body.ts";
import { type ContainerAnswer, createAnswer, type GraphDriver } from "../schemas.ts";
import type { ToldStore } from "./snapshot-layers.ts";
import { MemoryTree, pathInTree } from "./memory-tree.ts";
import { TarReader } from "./tar-reader.ts";

/** What decides whether the layers on disk show what the container sees. */
export interface LayerFacts {
  readonly isLocal: boolean;
  /** Owners on disk are not those of the container, and nobody tells which they are: rootless. */
  readonly ownersUnknown: boolean;
  /** What root of the containers is on disk; undefined when owners are the same. */
  readonly remappedRoot?: Owner | undefined;
  /** False when the kernel redirects directories or splits metadata off (moby overlay2, `Native Overlay Diff`). */
  readonly nativeDiff: boolean;
  /** Of an engine with the containerd image store, which does not tell where its layers lie. */
  readonly store?: ToldStore;
}

/** The container's root without its mounts: from the overlay's layers, where they can be read as they are, else from the export. */
export async function containerTree(api: DockerApi, container: ContainerAnswer, facts: LayerFacts): Promise<FileTree> {
  return (await layerTree(await containerLayers(container, facts), facts)) ?? exportTree(api, container.Id);
}

/** Layer directories of a container, topmost first; undefined when they cannot be trusted to be the whole truth. */
export async function containerLayers(
  container: ContainerAnswer,
  facts: LayerFacts,
): Promise<readonly string[] | undefined> {
  const store = storeOf(facts);
  if (store === undefined) return layerDirectories(container.GraphDriver, facts);
  // gRPC takes a few milliseconds to load, and most engines have no use for it.
  const { snapshotLayers } = await import("./snapshot-layers.ts");
  return snapshotLayers({ id: container.Id, pid: container.State.Pid }, store);
}

/** Whether a store's snapshots are shifted is told by nobody, so with users of their own the engine's export tells. */
function storeOf({ isLocal, ownersUnknown, remappedRoot, store }: LayerFacts): ToldStore | undefined {
  return isLocal && !ownersUnknown && remappedRoot === undefined && process.geteuid?.() === 0 ? store : undefined;
}

/** The tree of layer directories; undefined when there are none that can be read. */
export async function layerTree(
  layers: readonly string[] | undefined,
  { remappedRoot }: Pick<LayerFacts, "remappedRoot">,
): Promise<FileTree | undefined> {
  if (layers === undefined || !(await Promise.all(layers.map(isReadable))).every(Boolean)) return undefined;
  // koffi takes 20 ms to load, and most commands never get here.
  const { LayerTree } = await import("./layer-tree.ts");
  return new LayerTree(layers, remappedRoot);
}

/** The same by what an inspection of a container or an image tells of a graph driver. */
export function layerDirectories(driver: GraphDriver, facts: LayerFacts): readonly string[] | undefined {
  const { Name = "", Data = {} } = driver ?? {};
  const upper = Data["UpperDir"];
  const lower = Data["LowerDir"];
  if (!facts.isLocal || facts.ownersUnknown || !facts.nativeDiff || !/^overlay2?$/.test(Name)) return undefined;
  if (upper === undefined || process.geteuid?.() !== 0) return undefined;
  // An image of one layer has nothing below it.
  const all = [upper, ...(lower?.split(":") ?? [])];
  return all.every((path) => path.startsWith("/")) ? all : undefined;
}

/**
 * The container's root by the engine's export: its whole content is sent, so this is slow for large images. `onTime` is told when
 * each path changed last, as far as the export has it.
 */
export async function exportTree(
  api: DockerApi,
  containerId: string,
  onTime: (path: string, changedAtMs: number) => void = () => undefined,
): Promise<FileTree> {
  const response = await api.open({
    action: "list the container's files",
    method: "GET",
    path: `/containers/${containerId}/export`,
    timeoutMs: 600_000,
  });
  const tree = new MemoryTree();
  const reader = new TarReader((entry) => {
    tree.add(entry);
    if (entry.changedAtMs !== undefined) onTime(pathInTree(entry.path), entry.changedAtMs);
  });
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) reader.push(chunk);
    if (!reader.isComplete) throw new Error("the export ended in the middle");
  } catch (error) {
    throw api.lost(error);
  }
  return tree;
}

/** A container of the image that is never started; returns its id. Whoever kills Petrify meanwhile leaves it to `doctor --clean`. */
export async function createForExport(api: DockerApi, imageId: string, session: string): Promise<string> {
  const { Id } = await api.json(
    {
      action: LIST_IMAGE,
      method: "POST",
      path: "/containers/create",
      json: { Image: imageId, Cmd: ["-"], Labels: { [SESSION_LABEL]: session } },
    },
    createAnswer,
  );
  return Id;
}

/** The image's content by a container that was made for it: from its layers, else from its export. */
export async function readAndRemove(api: DockerApi, containerId: string, facts: LayerFacts): Promise<FileTree> {
  try {
    return (await layerTree(await imageLayers(containerId, facts), facts)) ?? (await exportTree(api, containerId));
  } finally {
    await api.send({
      action: LIST_IMAGE,
      method: "DELETE",
      path: `/containers/${containerId}`,
      query: { force: "true", v: "true" },
      accept: [404],
    });
  }
}

async function imageLayers(containerId: string, facts: LayerFacts): Promise<readonly string[] | undefined> {
  const store = storeOf(facts);
  if (store === undefined) return undefined;
  const { snapshotImageLayers } = await import("./snapshot-layers.ts");
  return snapshotImageLayers({ id: containerId, pid: 0 }, store);
}

const LIST_IMAGE = "list the image's files";

function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
