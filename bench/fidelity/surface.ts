import type { FileType } from "../../src/model/event.ts";
import type { FileTree } from "../../src/model/image.ts";
import type { Strategy } from "../../src/model/strategy.ts";
import { isMount } from "../../src/strategy/kinds.ts";
import { isWithin } from "../../src/strategy/paths.ts";

/** A mount that may be written. */
export interface Place {
  readonly path: string;
  /** Empty mounts hide what the image has there. */
  readonly starts: "empty" | "image";
  /** Programs in it may be run. */
  readonly executable: boolean;
}

/** What a set of mounts exposes; docs/fidelity.md defines the three numbers. */
export interface Surface {
  readonly hidden: number;
  readonly writable: number;
  readonly executable: number;
}

export interface ImagePath {
  readonly path: string;
  readonly type: FileType;
}

/** Every path of an image but `/`. */
export function imagePaths(tree: FileTree): readonly ImagePath[] {
  const found: ImagePath[] = [];
  const walk = (directory: string): void => {
    for (const name of tree.children(directory === "" ? "/" : directory)) {
      const path = `${directory}/${name}`;
      const entry = tree.entry(path);
      if (entry === undefined) continue;
      found.push({ path, type: entry.type });
      if (entry.type === "dir") walk(path);
    }
  };
  walk("");
  return found;
}

/** Counts the image's paths under the innermost mount that covers each; a mount point that the image does not have counts as one more. */
export function surfaceOf(paths: readonly ImagePath[], places: readonly Place[]): Surface {
  const inside = places.toSorted((a, b) => b.path.length - a.path.length);
  const shipped = new Set(paths.map(({ path }) => path));
  const missing = new Set(places.map((place) => place.path).filter((target) => !shipped.has(target)));
  let [hidden, writable, executable] = [0, 0, 0];
  for (const { path, type } of [...paths, ...[...missing].map((target) => ({ path: target, type: "dir" as const }))]) {
    const place = inside.find((one) => isWithin(path, one.path));
    if (place === undefined) continue;
    writable++;
    if (place.executable) executable++;
    if (place.starts === "empty" && type !== "dir") hidden++;
  }
  return { hidden, writable, executable };
}

/** Engines give each declared VOLUME of an image a volume, which starts as a copy of the image's directory. */
export function volumePlaces(volumes: readonly string[]): readonly Place[] {
  return volumes.map((path) => ({ path, starts: "image", executable: true }));
}

/** Without options Docker mounts a tmpfs with noexec. */
export function tmpfsPlaces(paths: readonly string[]): readonly Place[] {
  return paths.map((path) => ({ path, starts: "empty", executable: false }));
}

/**
 * The writable mounts of a strategy. Docker keeps everything but a tmpfs in volumes, in which it lets code be run;
 * `noexec` says that the engine mounts those that need none without (Podman, or Docker on a file system mounted so).
 */
export function strategyPlaces(
  { entries }: Pick<Strategy, "entries">,
  { noexec }: { readonly noexec: boolean },
): readonly Place[] {
  return entries.flatMap((entry): readonly Place[] => {
    if (!isMount(entry) || (entry.kind === "bind" && entry.readOnly)) return [];
    if (entry.kind === "tmpfs") return [{ path: entry.path, starts: "empty", executable: entry.exec }];
    const executable = entry.kind === "bind" || entry.exec || !noexec;
    return [{ path: entry.path, starts: "image", executable }];
  });
}
