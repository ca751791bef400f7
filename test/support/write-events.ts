import type { Operation, WriteEvent } from "../../src/model/event.ts";
import type { FileTree, TreeEntry } from "../../src/model/image.ts";

let timeNs = 0n;

/** A successful event of `/usr/sbin/app` on the root file system, unless `more` says otherwise. */
export function event(operation: Operation, path: string, more: Partial<WriteEvent> = {}): WriteEvent {
  return {
    container: "c".repeat(64),
    timeNs: timeNs++,
    operation,
    syscall: operation,
    result: 0,
    path,
    process: { pid: 1, uid: 0, gid: 0, comm: "app", exe: "/usr/sbin/app" },
    mount: { target: "/", fsType: "overlay", readOnly: false },
    ...more,
  };
}

/** The open that makes a new file. */
export function create(path: string, more: Partial<WriteEvent> = {}): WriteEvent {
  return event("open", path, { created: true, wantsCreate: true, ...more });
}

/** A tree of these paths (a trailing `/` makes a directory) and the directories above them. */
export function treeOf(...paths: readonly string[]): FileTree {
  const entries = new Map<string, TreeEntry>([["/", { type: "dir", mode: 0o755, uid: 0, gid: 0, sizeBytes: 0 }]]);
  for (const given of paths) {
    const parts = given.split("/").filter((part) => part !== "");
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = `/${parts.slice(0, depth).join("/")}`;
      const isDirectory = depth < parts.length || given.endsWith("/");
      if (entries.has(path)) continue;
      entries.set(path, {
        type: isDirectory ? "dir" : "file",
        mode: isDirectory ? 0o755 : 0o644,
        uid: 0,
        gid: 0,
        sizeBytes: 0,
      });
    }
  }
  return {
    entry: (path) => entries.get(path),
    children: (path) => {
      const prefix = path === "/" ? "/" : `${path}/`;
      const below = [...entries.keys()].filter((other) => other.startsWith(prefix) && other !== "/");
      return below
        .map((other) => other.slice(prefix.length))
        .filter((name) => !name.includes("/"))
        .toSorted();
    },
  };
}
