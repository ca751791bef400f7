import type { MountRef, WriteEvent } from "../model/event.ts";
import type { FileTree } from "../model/image.ts";
import { MountTable } from "./mounts.ts";
import type { UnsettledEvent } from "./protocol.ts";
import { resolvePath, type LookUp } from "./resolve.ts";

/** The same events, with the paths that no living process could settle looked up in the container's file tree. */
export function settleByTree(
  events: readonly WriteEvent[],
  unsettled: readonly UnsettledEvent[],
  trees: ReadonlyMap<string, FileTree>,
): readonly WriteEvent[] {
  if (unsettled.length === 0) return events;
  const settled = [...events];
  for (const { index, ends, mounts } of unsettled) {
    const event = settled[index];
    const tree = event === undefined ? undefined : trees.get(event.container);
    if (event === undefined || tree === undefined) continue;
    const lookUp = lookUpIn(tree, mounts);
    const table = new MountTable(mounts);
    const { pathUncertain: _, ...rest } = event;
    let certain = true;
    for (const { end, request } of ends) {
      const resolved = resolvePath(request, lookUp);
      certain &&= resolved.certain;
      const mount = table.of(resolved.path);
      Object.assign(rest, { [end]: resolved.path });
      if (mount !== undefined) Object.assign(rest, { [end === "path" ? "mount" : "mount2"]: mount });
    }
    settled[index] = certain ? rest : { ...rest, pathUncertain: true };
  }
  return settled;
}

/**
 * The kernel names mount points without a symlink on the way. They are asked first: an image need not have what the engine
 * mounts on (/dev/shm), and what its tree has there is hidden.
 */
function lookUpIn(tree: FileTree, mounts: readonly MountRef[]): LookUp {
  const onTheWay = new Set(mounts.flatMap(({ target }) => prefixes(target)));
  return (path) => {
    if (onTheWay.has(path)) return { kind: "plain" };
    const entry = tree.entry(path);
    if (entry === undefined) return { kind: "absent" };
    return entry.linkTarget === undefined ? { kind: "plain" } : { kind: "link", target: entry.linkTarget };
  };
}

function prefixes(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_part, index) => `/${parts.slice(0, index + 1).join("/")}`);
}
