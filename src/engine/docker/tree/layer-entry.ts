import type fs from "node:fs";
import type { FileType } from "../../../model/event.ts";
import type { TreeEntry } from "../../../model/image.ts";
import { type Owner, ownerInContainer } from "../../../model/owner.ts";

/** As the container sees it, whose root is `remappedRoot` on disk. */
export function toEntry(stat: fs.Stats, remappedRoot: Owner | undefined, linkTarget?: string): TreeEntry {
  const type = fileType(stat);
  return {
    type,
    mode: stat.mode & 0o7777,
    ...ownerInContainer(stat, remappedRoot),
    sizeBytes: type === "file" ? stat.size : 0,
    ...(linkTarget !== undefined && { linkTarget }),
  };
}

/** A character device 0:0 hides the name in all layers below (Documentation/filesystems/overlayfs.rst). */
export function isWhiteout(stat: fs.Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

function fileType(stat: fs.Stats): FileType {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "dir";
  if (stat.isSymbolicLink()) return "symlink";
  if (stat.isSocket()) return "socket";
  if (stat.isFIFO()) return "fifo";
  return stat.isCharacterDevice() || stat.isBlockDevice() ? "device" : "other";
}
