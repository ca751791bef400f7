/**
 * Marker files (relative paths) that make a layer delete what is in `base` and no longer in `merged`: `a/.wh.b` deletes `a/b`
 * (OCI image-spec, layer.md "Whiteouts"). A directory that is gone needs one marker for all it held.
 * Compared by names, not by reading overlayfs' own markers, because a replaced directory has none per file.
 */
export function whiteouts(base: Iterable<string>, merged: Iterable<string>): readonly string[] {
  const kept = new Set(merged);
  const markers: string[] = [];
  for (const path of base) {
    if (kept.has(path)) continue;
    const slash = path.lastIndexOf("/");
    const parent = path.slice(0, Math.max(slash, 0));
    if (parent !== "" && !kept.has(parent)) continue;
    markers.push(`${path.slice(0, slash + 1)}.wh.${path.slice(slash + 1)}`);
  }
  return markers;
}
