import type { FileType, MountRef, Operation } from "./event.ts";
import type { TreeEntry } from "./image.ts";

/** One path at which a container's root differs from its image. */
export interface LayerChange {
  readonly path: string;
  readonly kind: "added" | "changed" | "deleted";
  /** What is there now; absent when deleted. Of a hard link that was told before, without its size. */
  readonly entry?: TreeEntry;
  /** Time of its last change; absent when the engine does not tell. */
  readonly changedAtMs?: number;
  /** Of a file when it was asked for, or its digest; absent when the file went away meanwhile. */
  readonly content?: Uint8Array | "too large";
  /** The file has capabilities (`setcap`). */
  readonly hasCapabilities?: true;
}

/** What a container wrote into its own layer: lost when the container is replaced. */
export interface LayerChanges {
  /** Parents before what is in them; without the mount points and files that the engine makes. */
  readonly changes: readonly LayerChange[];
  /** Sentences without their full stop: why there may be more. */
  readonly unread: readonly string[];
}

/** The operation by which a thing of each type comes to be. */
export const MADE_BY: Readonly<Record<FileType, Operation>> = {
  file: "open",
  dir: "mkdir",
  symlink: "symlink",
  socket: "bind",
  fifo: "mknod",
  device: "mknod",
  other: "mknod",
};

/** What a container's writable layer is mounted as. */
export const LAYERED_ROOT: MountRef = { target: "/", fsType: "overlay", readOnly: false };
