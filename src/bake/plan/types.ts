import type { LayerChange } from "../../model/change.ts";

/** Text that belongs to one container, host or run: a file that holds it fits no other. */
export interface Mark {
  readonly text: string;
  /** `the container's host name`; never the text itself. */
  readonly what: string;
}

/** Whom a standard stream of the first process belongs to; absent when it is no pipe or terminal that the engine made. */
export interface Streams {
  readonly stdout?: { readonly uid: number };
  readonly stderr?: { readonly uid: number };
}

/** What one fresh start left in its writable layer at the moment it was up. */
export interface FreshStart {
  readonly changes: readonly LayerChange[];
  readonly marks: readonly Mark[];
  readonly streams: Streams;
}

interface ItemBase {
  readonly path: string;
  /** Half a sentence: what every fresh start does there. */
  readonly why: string;
}
interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}
export interface FileItem extends ItemBase, Owned {
  readonly what: "file";
  readonly content: Uint8Array;
}
export interface DirectoryItem extends ItemBase, Owned {
  readonly what: "directory";
  /** The image has it, with another owner or mode. */
  readonly exists: boolean;
}
export interface LinkItem extends ItemBase {
  /** `log`: to one of the container's own streams. */
  readonly what: "link" | "log";
  readonly target: string;
}
/** One thing that becomes part of the image. */
export type BakeItem = FileItem | DirectoryItem | LinkItem;

/** In the order in which a reader wants to know. */
export const LEFT_OUT_KINDS = ["secret", "host", "unsafe", "differs", "data", "mounted", "unseen"] as const;

export interface LeftOut {
  readonly path: string;
  readonly kind: (typeof LEFT_OUT_KINDS)[number];
  /** Half a sentence. */
  readonly reason: string;
}
export type Refusal = Omit<LeftOut, "path">;

export interface BakePlan {
  /** Sorted by path: parents before what is in them. */
  readonly items: readonly BakeItem[];
  /** Sorted by kind, then by path. */
  readonly leftOut: readonly LeftOut[];
}
