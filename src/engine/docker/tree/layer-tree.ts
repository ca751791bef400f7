import fs from "node:fs";
import type { FileTree, TreeEntry } from "../../../model/image.ts";
import type { Owner } from "../../../model/owner.ts";
import { isWhiteout, toEntry } from "./layer-entry.ts";
import { readXattr } from "./xattr.ts";

/**
 * A container's root, merged from the overlay's layer directories as the kernel merges them
 * (Documentation/filesystems/overlayfs.rst): the topmost layer that has a name decides; directories are united down to
 * an opaque one; a character device 0:0 hides the name in all layers below.
 *
 * The layers are written by containers. They are opened one path component at a time, from a descriptor, with O_NOFOLLOW:
 * a symlink that a container plants, or swaps in while this reads, leads nowhere.
 */
export class LayerTree implements FileTree {
  readonly #layers: readonly string[];
  readonly #remappedRoot: Owner | undefined;
  readonly #listings = new Map<string, Listing>();
  #root: TreeEntry | undefined;

  /** `layers` are directories of this host, the topmost (the container's own) first. `remappedRoot` owns there what is root's. */
  constructor(layers: readonly string[], remappedRoot?: Owner) {
    this.#layers = layers;
    this.#remappedRoot = remappedRoot;
  }

  entry(path: string): TreeEntry | undefined {
    if (path === "/") return (this.#root ??= toEntry(fs.lstatSync(this.#layers[0] ?? "/"), this.#remappedRoot));
    return this.#find(path)?.entry;
  }

  children(path: string): readonly string[] {
    return [...(this.#list(path)?.keys() ?? [])].toSorted();
  }

  #find(path: string): Found | undefined {
    const slash = path.lastIndexOf("/");
    return slash < 0 ? undefined : this.#list(path.slice(0, slash) || "/")?.get(path.slice(slash + 1));
  }

  #list(path: string): Listing | undefined {
    const known = this.#listings.get(path);
    if (known !== undefined) return known;
    const layers = path === "/" ? this.#layers.map((_layer, index) => index) : this.#find(path)?.directoryIn;
    if (layers === undefined) return undefined;
    const listing = this.#merge(path, layers);
    this.#listings.set(path, listing);
    return listing;
  }

  #merge(path: string, layers: readonly number[]): Listing {
    const merged = new Map<string, Found | undefined>();
    for (const layer of layers) {
      const fd = openDirectory(this.#layers[layer] as string, path);
      // Removed since it was seen: the container runs, or has been removed.
      if (fd === undefined) continue;
      try {
        for (const name of fs.readdirSync(`/proc/self/fd/${fd}`)) addName(merged, name, fd, layer, this.#remappedRoot);
        if (readXattr(fd, "trusted.overlay.opaque") === "y") break;
      } finally {
        fs.closeSync(fd);
      }
    }
    return new Map([...merged].filter((item): item is [string, Found] => item[1] !== undefined));
  }
}

interface Found {
  readonly entry: TreeEntry;
  /** Layers in which it is a directory that takes part, topmost first; undefined when it is none. */
  readonly directoryIn: number[] | undefined;
  /** A name below that is no directory ends the union. */
  isClosed: boolean;
}
type Listing = ReadonlyMap<string, Found>;

function addName(
  merged: Map<string, Found | undefined>,
  name: string,
  fd: number,
  layer: number,
  remappedRoot: Owner | undefined,
): void {
  const above = merged.get(name);
  if (merged.has(name) && (above?.directoryIn === undefined || above.isClosed)) return;
  const path = `/proc/self/fd/${fd}/${name}`;
  const stat = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (above !== undefined) {
    if (stat.isDirectory()) above.directoryIn?.push(layer);
    else above.isClosed = true;
    return;
  }
  const linkTarget = stat.isSymbolicLink() ? readLink(path) : undefined;
  // Replaced since it was seen: the container runs.
  if (stat.isSymbolicLink() && linkTarget === undefined) return;
  merged.set(
    name,
    isWhiteout(stat)
      ? undefined
      : {
          entry: toEntry(stat, remappedRoot, linkTarget),
          directoryIn: stat.isDirectory() ? [layer] : undefined,
          isClosed: false,
        },
  );
}

function readLink(path: string): string | undefined {
  try {
    return fs.readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Descriptor of a directory below `root`; undefined when a part of `path` is no directory, or the layer is gone with its container. */
function openDirectory(root: string, path: string): number | undefined {
  const flags = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW;
  let fd: number;
  try {
    fd = fs.openSync(root, flags);
  } catch {
    return undefined;
  }
  for (const part of path.split("/").filter((name) => name !== "")) {
    const parent = fd;
    try {
      fd = fs.openSync(`/proc/self/fd/${parent}/${part}`, flags);
    } catch {
      return undefined;
    } finally {
      fs.closeSync(parent);
    }
  }
  return fd;
}
