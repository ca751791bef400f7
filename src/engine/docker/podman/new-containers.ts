import { existsSync, watch } from "node:fs";
import { join } from "node:path";

/** Ids of containers in Podman's storage: each has a directory of that name (containers/storage containers.go, Put). */
const ID = /^[0-9a-f]{64}$/;

/** Calls `onSeen` when a container's directory has appeared. Silent where the folder cannot be watched. */
export function watchNewContainers(folder: string, onSeen: (id: string) => void): Disposable {
  try {
    const watcher = watch(folder, (_kind, name) => {
      if (name !== null && ID.test(name) && existsSync(join(folder, name))) onSeen(name);
    });
    watcher.on("error", () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    return { [Symbol.dispose]: () => undefined };
  }
}
