import { READ_ONLY_BY_DEFAULT } from "../../audit/kernel-paths.ts";
import { PetrifyError } from "../../model/errors.ts";
import { type FileTree, resolveInTree } from "../../model/image.ts";
import type { ContainerSpec } from "../engine.ts";

/** The HostConfig's field for a spec; none when it asks for nothing. Throws E_ENGINE_UNSUPPORTED. */
export function readOnlyPathsConfig({ readOnlyPaths, workload }: ContainerSpec): {
  readonly ReadonlyPaths?: readonly string[];
} {
  if (readOnlyPaths === undefined) return {};
  if (workload.privileged)
    // moby daemon/oci_linux.go (WithMounts) clears the list for a privileged container, without a word.
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", "Single paths of a privileged container cannot be made read-only.", {
      hint: "Run it without --privileged, with the capabilities it needs.",
    });
  return { ReadonlyPaths: [...READ_ONLY_BY_DEFAULT, ...readOnlyPaths] };
}

/**
 * Throws when one of the paths would stay writable: E_ENGINE_UNSUPPORTED for an engine that did not take it,
 * E_CONTAINER_START for a path that the container does not have, which runtimes pass over (runc libcontainer, readonlyPath).
 */
export function checkReadOnlyPaths(paths: readonly string[], accepted: readonly string[], tree: FileTree): void {
  const ignored = paths.find((path) => !accepted.includes(path));
  if (ignored !== undefined)
    throw new PetrifyError("E_ENGINE_UNSUPPORTED", `The engine cannot make ${ignored} read-only by itself.`, {
      hint: "Use Docker, or make the whole root read-only.",
    });
  const absent = paths.find((path) => tree.entry(resolveInTree(tree, path, true)) === undefined);
  if (absent !== undefined)
    throw new PetrifyError("E_CONTAINER_START", `The image does not have ${absent}, so it would stay writable.`, {
      hint: "Make it in the image, or take it out of readOnlyPaths.",
    });
}
