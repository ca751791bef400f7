import { normalize } from "node:path/posix";
import type { ImageNames } from "../model/image.ts";
import type { BindEntry, StrategyEntry, TmpfsEntry, VolumeEntry } from "../model/strategy.ts";
import type { Workload, WorkloadMount } from "../model/workload.ts";
import { isSeeded, ownerOf, tmpfsSize, volumeExec } from "./entries.ts";
import type { Ground } from "./ground.ts";
import { PASSING, classify } from "./rules/classes.ts";
import { parseTmpfsOptions } from "./tmpfs-options.ts";

/**
 * Entries for the mounts that exist whatever the application does: the user's, and the volumes that the image declares.
 * They keep the path as it was given, because engines tell by it that both are one mount.
 */
export function givenEntries(ground: Ground, workload: Workload, image: ImageNames): readonly StrategyEntry[] {
  const declared = image.volumes.map((path) => declaredVolume(ground, normalized(path)));
  const asked = workload.mounts.map((mount) => userMount(ground, mount));
  const byPath = new Map<string, StrategyEntry>([...declared, ...asked].map((entry) => [entry.path, entry]));
  return [...byPath.values()];
}

function normalized(path: string): string {
  return path === "/" ? path : normalize(path).replace(/\/$/, "");
}

function declaredVolume(ground: Ground, path: string): VolumeEntry {
  return {
    kind: "volume",
    path,
    reason: "declared",
    seeded: isSeeded(ground, path),
    ...ownerOf(ground, path),
    exec: volumeExec(ground, path),
    why: "The image declares this VOLUME, so engines make it writable in any case.",
  };
}

function userMount(ground: Ground, mount: WorkloadMount): StrategyEntry {
  const path = normalized(mount.target);
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
    ...(mount.driver === undefined ? {} : { driver: mount.driver }),
    ...(mount.driverOptions === undefined ? {} : { options: mount.driverOptions }),
    ...ownerOf(ground, path),
    // Programs that somebody else put there are run from it, and nobody can put others there.
    exec: mount.readOnly || volumeExec(ground, path),
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
