import type { ImageFacts } from "../model/image.ts";
import type { BindEntry, StrategyEntry, TmpfsEntry, VolumeEntry } from "../model/strategy.ts";
import type { Workload, WorkloadMount } from "../model/workload.ts";
import { isSeeded, ownerOf, tmpfsSize } from "./entries.ts";
import { type Ground, mountable } from "./ground.ts";
import { PASSING, classify } from "./rules/classes.ts";
import { parseTmpfsOptions } from "./tmpfs-options.ts";

/** Entries for the mounts that exist whatever the application does: the user's, and the volumes that the image declares. */
export function givenEntries(ground: Ground, workload: Workload, image: ImageFacts): readonly StrategyEntry[] {
  const entries = new Map<string, StrategyEntry>();
  for (const declared of image.volumes) {
    const path = mountable(ground.tree, declared);
    entries.set(path, declaredVolume(ground, path));
  }
  for (const mount of workload.mounts) {
    const path = mountable(ground.tree, mount.target);
    entries.set(path, userMount(ground, path, mount));
  }
  return [...entries.values()];
}

function declaredVolume(ground: Ground, path: string): VolumeEntry {
  return {
    kind: "volume",
    path,
    reason: "declared",
    seeded: isSeeded(ground, path),
    ...ownerOf(ground, path),
    why: "The image declares this VOLUME, so engines make it writable in any case.",
  };
}

function userMount(ground: Ground, path: string, mount: WorkloadMount): StrategyEntry {
  if (mount.type === "bind") return userBind(path, mount);
  if (mount.type === "tmpfs") return userTmpfs(ground, path, mount.options ?? "");
  return userVolume(ground, path, mount);
}

function userBind(path: string, mount: WorkloadMount): BindEntry {
  return {
    kind: "bind",
    path,
    source: mount.source ?? path,
    readOnly: mount.readOnly,
    ...(mount.options === undefined ? {} : { options: mount.options }),
    why: mount.readOnly ? "Given with the run, read-only." : "Given with the run, writable.",
  };
}

function userVolume(ground: Ground, path: string, mount: WorkloadMount): VolumeEntry {
  return {
    kind: "volume",
    path,
    reason: "given",
    seeded: isSeeded(ground, path),
    ...(mount.source === undefined ? {} : { source: mount.source }),
    ...(mount.readOnly ? { readOnly: true } : {}),
    ...ownerOf(ground, path),
    why: mount.readOnly ? "Given with the run, read-only." : "Given with the run.",
  };
}

function userTmpfs(ground: Ground, path: string, text: string): TmpfsEntry {
  const options = parseTmpfsOptions(text);
  const floorBytes = (classify(path)?.class ?? PASSING).floorBytes;
  const size = options.sizeBytes ?? tmpfsSize(ground, path, [], floorBytes);
  return {
    kind: "tmpfs",
    path,
    sizeBytes: size,
    ...ownerOf(ground, path),
    exec: options.exec ?? false,
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    why: options.sizeBytes === undefined ? "Given with the run; the size bounds it." : "Given with the run.",
  };
}
