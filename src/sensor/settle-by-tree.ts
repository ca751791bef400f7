import type { WriteEvent } from "../model/event.ts";
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
    const lookUp = lookUpIn(tree);
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

function lookUpIn(tree: FileTree): LookUp {
  return (path) => {
    const entry = tree.entry(path);
    if (entry === undefined) return { kind: "absent" };
    return entry.linkTarget === undefined ? { kind: "plain" } : { kind: "link", target: entry.linkTarget };
  };
}
