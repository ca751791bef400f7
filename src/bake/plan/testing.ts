import type { LayerChange } from "../../model/change.ts";
import type { FreshStart, Mark } from "./types.ts";

const ENTRY = { mode: 0o644, uid: 0, gid: 0, sizeBytes: 0 };

/** A file as a layer has it. */
export function fileChange(path: string, text: string, parts: Partial<LayerChange> = {}): LayerChange {
  return { path, kind: "added", entry: { ...ENTRY, type: "file" }, content: new TextEncoder().encode(text), ...parts };
}

export function dirChange(path: string, owner: { uid?: number; gid?: number; mode?: number } = {}): LayerChange {
  return { path, kind: "added", entry: { ...ENTRY, mode: 0o755, ...owner, type: "dir" } };
}

export function linkChange(path: string, linkTarget: string): LayerChange {
  return { path, kind: "added", entry: { ...ENTRY, mode: 0o777, type: "symlink", linkTarget } };
}

/** Root's streams, and no marks but these. */
export function startOf(changes: readonly LayerChange[], marks: readonly Mark[] = []): FreshStart {
  return { changes, marks, streams: { stdout: { uid: 0 }, stderr: { uid: 0 } } };
}
