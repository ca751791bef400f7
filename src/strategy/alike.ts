import type { LayerChange } from "../model/change.ts";

/** Whether two containers have the same at a path: type, owner, mode and content. A file that was not read is like no other. */
export function isAlike(a: LayerChange, b: LayerChange): boolean {
  return (
    a.kind === b.kind &&
    a.entry?.type === b.entry?.type &&
    a.entry?.uid === b.entry?.uid &&
    a.entry?.gid === b.entry?.gid &&
    a.entry?.mode === b.entry?.mode &&
    a.entry?.linkTarget === b.entry?.linkTarget &&
    (a.entry?.type !== "file" || isSame(a.content, b.content))
  );
}

function isSame(a: LayerChange["content"], b: LayerChange["content"]): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return false;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
