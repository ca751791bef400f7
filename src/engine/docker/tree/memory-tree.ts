import { PetrifyError } from "../../../model/errors.ts";
import type { FileTree, TreeEntry } from "../../../model/image.ts";
import type { TarEntry } from "./tar-reader.ts";

/** The largest images have about half a million files. */
const NODE_LIMIT = 5_000_000;
const DEPTH_LIMIT = 1024;

interface Node {
  entry: TreeEntry;
  children: Map<string, Node> | undefined;
}

/** What a directory is taken for that the archive does not name itself: engines leave the root out. */
const IMPLIED: TreeEntry = { type: "dir", mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 };

/** A file tree made from the entries of an archive, in memory. */
export class MemoryTree implements FileTree {
  readonly #root: Node = { entry: IMPLIED, children: new Map() };
  #nodes = 0;

  /** Throws E_ENGINE_API when a path leaves the tree, or when there are too many. */
  add(source: TarEntry): void {
    const parts = partsOf(source.path);
    if (parts.includes("..") || parts.length > DEPTH_LIMIT) throw refused("a path leads out of it");
    const entry = this.#toEntry(source);
    let node = this.#root;
    for (const part of parts) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (child === undefined) {
        if (++this.#nodes > NODE_LIMIT) throw refused(`it has more than ${NODE_LIMIT} files`);
        child = { entry: IMPLIED, children: undefined };
        node.children.set(part, child);
      }
      node = child;
    }
    node.entry = entry;
  }

  entry(path: string): TreeEntry | undefined {
    return this.#node(path)?.entry;
  }

  children(path: string): readonly string[] {
    const node = this.#node(path);
    return node?.entry.type === "dir" ? [...(node.children?.keys() ?? [])].toSorted() : [];
  }

  #node(path: string): Node | undefined {
    if (path === "/") return this.#root;
    // Paths of a tree are canonical; whatever else comes is not in it.
    const [root, ...parts] = path.split("/");
    let node: Node | undefined = root === "" && parts.length > 0 ? this.#root : undefined;
    for (const part of parts) node = node?.children?.get(part);
    return node;
  }

  #toEntry({ type, mode, uid, gid, sizeBytes, linkTarget }: TarEntry): TreeEntry {
    if (type === "hardlink") {
      const target = this.#node(pathInTree(linkTarget));
      return target === undefined || target.entry.type === "dir"
        ? { type: "file", mode, uid, gid, sizeBytes }
        : target.entry;
    }
    return { type, mode, uid, gid, sizeBytes, ...(type === "symlink" && { linkTarget }) };
  }
}

/** The path in the tree of a name that an archive has: relative, with `./` before it or a slash behind it. */
export function pathInTree(name: string): string {
  return `/${partsOf(name).join("/")}`;
}

function partsOf(name: string): string[] {
  return name.split("/").filter((part) => part !== "" && part !== ".");
}

function refused(detail: string): PetrifyError {
  return new PetrifyError("E_ENGINE_API", `The engine's export of the container is not usable: ${detail}.`);
}
