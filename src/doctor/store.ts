import type { Engine } from "../engine/engine.ts";
import { type Finding, ok, warn } from "./report.ts";

/** How the files of an image are read, tried as `learn` does it. */
export async function examineStore(engine: Engine, session: string, reference: string): Promise<Finding> {
  const [id, name, driver] = ["store", "image store", engine.info.storageDriver];
  const image = await engine.image(reference);
  const tree = image === undefined ? undefined : await engine.imageTree(image, session);
  // koffi takes 20 ms to load, and only this verb minds.
  const { LayerTree } = await import("../engine/docker/tree/layer-tree.ts");
  if (tree instanceof LayerTree) return ok(id, name, `${driver}: layers are read on disk`);
  return warn(
    id,
    name,
    `${driver}: layers of images are not read on disk`,
    "The files of an image come through the engine's export, which is slower.",
  );
}
