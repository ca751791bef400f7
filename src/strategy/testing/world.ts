import { parentOf } from "../paths.ts";
import type { ImageFacts, TreeEntry, FileTree } from "../../model/image.ts";
import { NO_LOSS } from "../../model/event.ts";
import type { PathRecord, Profile } from "../../model/profile.ts";
import type { Strategy, StrategyEntry } from "../../model/strategy.ts";
import { formatMode, formatSize } from "../../model/units.ts";
import { NO_SETTINGS, type Workload } from "../../model/workload.ts";
import { type DeriveInput, deriveStrategy } from "../derive.ts";

/**
 * A tree from lines as `ls` would say it: `/run/x/ 0755 33:33` a directory, `/app/main.py 0644 0:0 120` a file with its size,
 * `/var/run -> /run` a symlink. Owner 0:0, modes 0755 and 0644 and size 100 are the defaults; parents come by themselves.
 */
export function treeOf(lines: readonly string[]): FileTree {
  const entries = new Map<string, TreeEntry>([["/", directory(0o755, 0, 0)]]);
  for (const text of lines) {
    const link = /^(\S+) -> (\S+)$/.exec(text);
    const [name = "", mode, owner = "0:0", size = "100"] = text.split(" ");
    const [uid = 0, gid = 0] = owner.split(":").map(Number);
    const path = link?.[1] ?? name.replace(/\/$/, "");
    for (let parent = parentOf(path); !entries.has(parent); parent = parentOf(parent))
      entries.set(parent, directory(0o755, 0, 0));
    if (link !== null) entries.set(path, { ...directory(0o777, 0, 0), type: "symlink", linkTarget: link[2] ?? "" });
    else if (name.endsWith("/")) entries.set(path, directory(Number.parseInt(mode ?? "755", 8), uid, gid));
    else
      entries.set(path, { type: "file", mode: Number.parseInt(mode ?? "644", 8), uid, gid, sizeBytes: Number(size) });
  }
  const children = Map.groupBy(
    [...entries.keys()].filter((path) => path !== "/"),
    (path) => parentOf(path),
  );
  return {
    entry: (path) => entries.get(path),
    children: (path) => (children.get(path) ?? []).map((child) => child.slice(child.lastIndexOf("/") + 1)).toSorted(),
  };
}

function directory(mode: number, uid: number, gid: number): TreeEntry {
  return { type: "dir", mode, uid, gid, sizeBytes: 4096 };
}

/** What every Debian image has where applications write. */
export const DEBIAN: readonly string[] = [
  "/run/lock/ 1777",
  "/tmp/ 1777",
  "/var/tmp/ 1777",
  "/var/run -> /run",
  "/var/lock -> /run/lock",
  "/etc/passwd",
  "/etc/debian_version",
  "/usr/bin/env 0755",
  "/usr/lib/x86_64-linux-gnu/libc.so.6 0755",
  "/var/lib/dpkg/status",
  "/var/lib/apt/lists/",
  "/var/lib/misc/",
  "/var/cache/debconf/config.dat",
  "/var/cache/ldconfig/aux-cache",
  "/var/log/apt/history.log",
  "/var/log/dpkg.log",
  "/var/log/wtmp 0664 0:43 0",
  "/var/spool/mail -> ../mail",
  "/var/mail/ 2775 0:8",
  "/srv/",
  "/home/",
  "/opt/",
  "/mnt/",
  "/root/.bashrc",
];

type RecordParts = Partial<PathRecord> & { readonly exe?: string };

/** A file that `exe` makes, writes and leaves. */
export function file(path: string, parts: RecordParts = {}): PathRecord {
  return record(path, {
    type: "file",
    done: ["open", "write"],
    created: true,
    createsItself: true,
    sizeClassBytes: 4096,
    ...parts,
  });
}
/** A file that comes and goes. */
export function passing(path: string, parts: RecordParts = {}): PathRecord {
  return file(path, { done: ["open", "unlink", "write"], survived: false, ...parts });
}
/** A file that is written before a restart and read after it. */
export function readBack(path: string, parts: RecordParts = {}): PathRecord {
  return file(path, { done: ["open", "read", "write"], readBack: true, ...parts });
}
/** A file of the image that is changed in place. */
export function changed(path: string, parts: RecordParts = {}): PathRecord {
  return file(path, { created: false, createsItself: false, ...parts });
}
export function dir(path: string, parts: RecordParts = {}): PathRecord {
  return record(path, { type: "dir", done: ["mkdir"], created: true, ...parts });
}
export function socket(path: string, parts: RecordParts = {}): PathRecord {
  return record(path, { type: "socket", done: ["bind", "unlink"], created: true, survived: false, ...parts });
}

function record(path: string, { exe = "/usr/sbin/daemon", ...parts }: RecordParts): PathRecord {
  return {
    path,
    mount: "/",
    mountType: "overlay",
    type: "file",
    done: [],
    failed: [],
    by: [exe],
    uids: [0],
    created: false,
    createsItself: false,
    survived: true,
    readBack: false,
    renewed: false,
    executed: false,
    sizeClassBytes: 0,
    movesTo: [],
    ...parts,
  };
}

export interface World {
  readonly tree?: readonly string[];
  readonly records?: readonly PathRecord[];
  readonly image?: Partial<ImageFacts>;
  readonly workload?: Partial<Workload>;
  readonly incomplete?: readonly string[];
}

export const IMAGE: ImageFacts = {
  id: `sha256:${"a".repeat(64)}`,
  repoDigests: [],
  repoTags: ["app:latest"],
  entrypoint: [],
  command: ["daemon"],
  env: [],
  user: "",
  workingDir: "",
  volumes: [],
  exposedPorts: [],
  hasHealthcheck: false,
  architecture: "amd64",
  sizeBytes: 1,
};

export const WORKLOAD: Workload = {
  name: "app",
  image: "app:latest",
  ...NO_SETTINGS,
};

/** Where each entry is and of which kind. */
export function placesOf(world: World): readonly string[] {
  return strategyOf(world).entries.map(({ kind, path }) => `${kind} ${path}`);
}

/** Each entry with every field in one line, to be read in a table. */
export function linesOf(strategy: Strategy): readonly string[] {
  const settings = (strategy.settings ?? []).map(
    ({ name, value, paths, why }) => `env ${name}=${value} ${paths.join(",")} | ${why}`,
  );
  return [...strategy.entries.map((entry) => `${line(entry)} | ${entry.why}`), ...settings];
}

function line(entry: StrategyEntry): string {
  switch (entry.kind) {
    case "tmpfs":
    case "seeded":
    case "scratch": {
      const { kind, path, sizeBytes, mode, uid, gid, exec } = entry;
      return `${kind} ${path} ${formatSize(sizeBytes)} ${formatMode(mode)} ${uid}:${gid}${exec ? " exec" : ""}`;
    }
    case "volume": {
      const { path, reason, seeded, mode, uid, gid, source, exec } = entry;
      const flags = `${seeded ? " seeded" : ""}${exec ? " exec" : ""}${source === undefined ? "" : ` from ${source}`}`;
      return `volume ${path} ${reason} ${formatMode(mode)} ${uid}:${gid}${flags}`;
    }
    case "bind":
      return `bind ${entry.path} from ${entry.source}${entry.readOnly ? " ro" : ""}`;
    case "deny":
      return `deny ${entry.path} ${entry.operations.join(",")}`;
    case "image":
      return `image ${entry.path} ${entry.operations.join(",")} {${entry.fix.join(" / ")}}`;
    default:
      return entry;
  }
}

/** The strategy of an application in a Debian image with `tree` added, that did what `records` say. */
export function strategyOf(world: World): Strategy {
  return deriveStrategy(inputOf(world));
}

export function inputOf(world: World): DeriveInput {
  const image = { ...IMAGE, ...world.image };
  return {
    workload: { ...WORKLOAD, ...world.workload },
    image,
    tree: treeOf([...DEBIAN, ...(world.tree ?? [])]),
    profile: profileOf(world.records ?? [], world.incomplete ?? []),
    profileReference: { file: "app.profile.ndjson.zst", sha256: "0".repeat(64) },
    test: { kind: "command", command: "true" },
  };
}

function profileOf(records: readonly PathRecord[], incomplete: readonly string[]): Profile {
  return {
    header: {
      name: "app",
      image: { reference: "app:latest", id: IMAGE.id, repoDigests: [] },
      sensor: "bpf",
      engine: { kind: "docker", runtime: "runc" },
      incomplete,
      loss: NO_LOSS,
      coverage: { phases: [], listening: [] },
    },
    records,
  };
}
