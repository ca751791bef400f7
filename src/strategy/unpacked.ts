import type { FileTree } from "../model/image.ts";
import { anchorOf } from "./ground.ts";
import { childOf } from "./paths.ts";

/**
 * Archives of program code that servers unpack beside themselves, each into a directory of its name. Archives that may hold
 * somebody's data (zip, tar) are none: a directory that was filled from one is used from then on.
 * Source: Jakarta EE Platform 10, EE.8 (war, ear, rar, car); WildFly's deployment scanner (sar); Tomcat's ExpandWar.
 */
const EXTENSIONS: readonly string[] = [".war", ".ear", ".rar", ".car", ".sar"];

/** The image's archive that the directory of the application's making at or above `path` is unpacked from; undefined when there is none. */
export function archiveBehind(tree: FileTree, path: string): string | undefined {
  const anchor = anchorOf(tree, path);
  const [made] = path.slice(anchor === "/" ? 1 : anchor.length + 1).split("/");
  if (made === undefined || made === "") return undefined;
  const names = tree.children(anchor);
  const found = EXTENSIONS.map((extension) => made + extension).find((name) => names.includes(name));
  return found === undefined || tree.entry(childOf(anchor, found))?.type !== "file"
    ? undefined
    : childOf(anchor, found);
}
