import { type FileType, NO_LOSS } from "../../src/model/event.ts";
import type { FileTree } from "../../src/model/image.ts";
import type { PathRecord, Profile } from "../../src/model/profile.ts";
import { NO_SETTINGS } from "../../src/model/workload.ts";
import type { Learned } from "../../src/learn/learned.ts";

/** An image with nothing but directories: `/srv/a`, `/srv/b`, `/srv/c`. */
const DIRECTORIES = ["/", "/srv", "/srv/a", "/srv/b", "/srv/c"];
export const IMAGE_TREE: FileTree = {
  entry: (path) =>
    DIRECTORIES.includes(path) ? { type: "dir", mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 } : undefined,
  children: (path) =>
    DIRECTORIES.filter((one) => one !== "/" && one.slice(0, one.lastIndexOf("/") || 1) === path).map((one) =>
      one.slice(one.lastIndexOf("/") + 1),
    ),
};

/** A file of the application's, read again after a restart. */
export function written(path: string, type: FileType = "file"): PathRecord {
  return {
    path,
    mount: "/",
    mountType: "overlay",
    type,
    done: ["open", "write"],
    failed: [],
    by: ["/bin/app"],
    uids: [0],
    created: true,
    createsItself: true,
    survived: true,
    readBack: true,
    renewed: false,
    executed: false,
    sizeClassBytes: 65_536,
    movesTo: [],
  };
}

/** What a run of `name` says that wrote these paths. */
export function learnedRun(name: string, paths: readonly string[]): Learned {
  const profile: Profile = {
    header: {
      name,
      image: { reference: "app:1", id: `sha256:${"0".repeat(64)}`, repoDigests: [] },
      sensor: "bpf",
      engine: { kind: "docker", runtime: "runc" },
      incomplete: [],
      loss: NO_LOSS,
      coverage: { phases: [{ phase: "first" }], listening: [] },
    },
    records: paths.map((path) => written(path)),
  };
  return {
    workload: { ...NO_SETTINGS, name, image: "app:1", env: ["TOKEN=secret"] },
    image: { id: profile.header.image.id, repoDigests: [], repoTags: ["app:1"], volumes: [] },
    tree: IMAGE_TREE,
    profile,
    test: { kind: "none" },
    table: [],
    notes: [],
  };
}
