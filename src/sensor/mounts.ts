import type { MountRef } from "../model/event.ts";

/** A mount namespace's table at one moment, as the container sees it. */
export class MountTable {
  /** From the root down: later ones lie over earlier ones with the same target. */
  readonly mounts: readonly MountRef[];
  readonly #byTarget: ReadonlyMap<string, MountRef>;

  constructor(mounts: readonly MountRef[]) {
    this.mounts = mounts;
    this.#byTarget = new Map(mounts.map((mount) => [mount.target, mount]));
  }

  /** The mount that an absolute, resolved path is on: the one with the longest target. */
  of(path: string): MountRef | undefined {
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/"))) {
      const mount = this.#byTarget.get(at === "" ? "/" : at);
      if (mount !== undefined || at === "" || at === "/") return mount;
    }
  }
}
