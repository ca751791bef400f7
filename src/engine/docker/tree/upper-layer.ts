import fs from "node:fs";
import type { LayerChange, LayerChanges } from "../../../model/change.ts";
import type { FileTree, TreeEntry } from "../../../model/image.ts";
import type { Owner } from "../../../model/owner.ts";
import type { LayerContent } from "../../engine.ts";
import { FileContents } from "./file-content.ts";
import { isWhiteout, toEntry } from "./layer-entry.ts";
import { readXattr } from "./xattr.ts";

/** More than any service leaves; a container that makes files without end must not fill this process's memory. */
const CHANGES_LIMIT = 500_000;
/** Each level holds a descriptor, of which a process has 1,024 by default. */
const DEPTH_LIMIT = 512;
const DIRECTORY = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW;
/** What the smallest file occupies: a sparse file of a terabyte is not a terabyte that somebody loses. */
const BLOCK_BYTES = 4_096;

/**
 * What an overlay's upper directory holds that `below`, the merged layers under it, has not.
 * The directory is the container's to write while this reads it: it is walked by descriptors, no link is followed, and
 * nothing but directories is opened, and files whose content is asked for. Sizes are what is allocated, each inode counted once.
 */
export function readUpperLayer(upper: string, below: FileTree, options: UpperLayerOptions = {}): LayerChanges {
  const walk = new Walk(below, options);
  const root = fs.openSync(upper, DIRECTORY);
  try {
    walk.directory(root, "", 0);
  } finally {
    fs.closeSync(root);
  }
  return { changes: walk.changes, unread: [...walk.unread] };
}

export interface UpperLayerOptions {
  readonly remappedRoot?: Owner | undefined;
  /** Absent: no file is opened. */
  readonly content?: LayerContent;
}

class Walk {
  readonly changes: LayerChange[] = [];
  readonly unread = new Set<string>();
  readonly #below: FileTree;
  readonly #remappedRoot: Owner | undefined;
  readonly #contents: FileContents | undefined;
  readonly #counted = new Set<string>();

  constructor(below: FileTree, { remappedRoot, content }: UpperLayerOptions) {
    this.#below = below;
    this.#remappedRoot = remappedRoot;
    if (content !== undefined) this.#contents = new FileContents(content);
  }

  directory(fd: number, path: string, depth: number): void {
    const names = fs.readdirSync(`/proc/self/fd/${fd}`, { encoding: "buffer" });
    const seen = new Set(names.map(String));
    if (readXattr(fd, "trusted.overlay.opaque") === "y")
      for (const name of this.#below.children(path || "/"))
        if (!seen.has(name)) this.changes.push({ path: `${path}/${name}`, kind: "deleted" });
    for (const name of names) {
      if (this.changes.length >= CHANGES_LIMIT) {
        this.unread.add(`the container changed more than ${CHANGES_LIMIT} files: the rest was not read`);
        return;
      }
      this.#name(fd, name, path, depth);
    }
  }

  #name(fd: number, name: Buffer, parent: string, depth: number): void {
    // As bytes: a name need not be UTF-8.
    const at = Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name]);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    // Gone since it was listed: the container runs.
    if (stat === undefined) return;
    const path = `${parent}/${String(name)}`;
    const before = this.#below.entry(path);
    if (isWhiteout(stat)) {
      if (before !== undefined) this.changes.push({ path, kind: "deleted" });
      return;
    }
    const entry = this.#entry(at, stat);
    if (entry === undefined) return;
    const content = stat.isFile() ? this.#contents?.read(at, stat) : undefined;
    const found = { path, entry, changedAtMs: stat.mtimeMs, ...content };
    // A directory is there because of what is in it, unless its own owner or mode changed.
    if (before === undefined) this.changes.push({ ...found, kind: "added" });
    else if (entry.type !== "dir" || !sameDirectory(before, entry)) this.changes.push({ ...found, kind: "changed" });
    if (entry.type === "dir") this.#enter(at, path, depth);
  }

  #enter(at: Buffer, path: string, depth: number): void {
    if (depth >= DEPTH_LIMIT) {
      this.unread.add(`directories lie deeper than ${DEPTH_LIMIT} levels: they were not read`);
      return;
    }
    let fd: number;
    try {
      fd = fs.openSync(at, DIRECTORY);
    } catch {
      // Replaced since it was seen.
      return;
    }
    try {
      this.directory(fd, path, depth + 1);
    } finally {
      fs.closeSync(fd);
    }
  }

  #entry(at: Buffer, stat: fs.Stats): TreeEntry | undefined {
    if (!stat.isSymbolicLink()) return { ...toEntry(stat, this.#remappedRoot), sizeBytes: this.#allocatedBytes(stat) };
    try {
      return toEntry(stat, this.#remappedRoot, fs.readlinkSync(at, "utf8"));
    } catch {
      return undefined;
    }
  }

  #allocatedBytes(stat: fs.Stats): number {
    if (!stat.isFile()) return 0;
    if (stat.nlink > 1) {
      const inode = `${stat.dev}:${stat.ino}`;
      if (this.#counted.has(inode)) return 0;
      this.#counted.add(inode);
    }
    return Math.min(stat.size, Math.max(stat.blocks * 512, BLOCK_BYTES));
  }
}

function sameDirectory(before: TreeEntry, now: TreeEntry): boolean {
  return before.type === "dir" && before.uid === now.uid && before.gid === now.gid && before.mode === now.mode;
}
