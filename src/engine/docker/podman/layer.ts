import type { LayerChange } from "../../../model/change.ts";

const DIRECTORIES: readonly string[] = ["/dev", "/proc", "/sys", "/run/secrets"];
const FILES = new Set([
  "/etc/group",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/passwd",
  "/etc/resolv.conf",
  "/run/.containerenv",
  "/run/podman-init",
]);

/**
 * Where Podman mounts something that no inspection tells of, by what that leaves in the layer: directories, empty files, and the
 * link that it makes of /etc/mtab (libpod/container_internal_common.go, makeBindMounts and mountStorage).
 */
export function untoldTargets(changes: readonly LayerChange[]): readonly string[] {
  const left = changes.filter(({ path, kind, entry }) => {
    if (kind !== "added" || entry === undefined) return false;
    if (path === "/etc/mtab") return entry.linkTarget === "/proc/mounts";
    return entry.type === "file" && entry.sizeBytes === 0 && FILES.has(path);
  });
  return [...DIRECTORIES, ...left.map(({ path }) => path)];
}
