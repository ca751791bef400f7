import type { AuditMount } from "../../container.ts";
import type { Context } from "./setting.ts";
import { type Tree, entryOf, itemsOf, textOf } from "./tree.ts";

/** A service's own mounts, and where it takes over those of others. */
export interface MountSource {
  readonly context: Context;
  readonly mounts: readonly AuditMount[];
}

/** Services that take over from one another: more of them are no way to write a file. */
const LONGEST_CHAIN = 20;

interface Taken {
  readonly mounts: readonly AuditMount[];
  /** How many services are behind it, one after the other. */
  readonly chain: number;
}

/**
 * Gives the mounts of a service with those of the services in its `volumes_from` (`NAME`, `NAME:ro`, `service:NAME:ro`), and what
 * these take over themselves; its own win. Of a container that is no service (`container:NAME`) nothing is known. Undefined where
 * services take over in a circle, or too many from one another.
 */
export function withVolumesFrom(
  services: ReadonlyMap<string, MountSource>,
): (name: string) => readonly AuditMount[] | undefined {
  const known = new Map<string, Taken | undefined>();
  const takenBy = (name: string, inside: ReadonlySet<string>): Taken | undefined => {
    if (inside.has(name) || inside.size > LONGEST_CHAIN) return undefined;
    if (known.has(name)) return known.get(name);
    const service = services.get(name);
    if (service === undefined) return { mounts: [], chain: 0 };
    const { context, mounts } = service;
    const byTarget = new Map<string, AuditMount>();
    let chain = 0;
    for (const item of itemsOf(entryOf(context.settings, "volumes_from")?.value)) {
      const [other, mode] = partsOf(item);
      const taken = takenBy(other, new Set([...inside, name]));
      if (taken === undefined || taken.chain >= LONGEST_CHAIN) return undefined;
      chain = Math.max(chain, taken.chain + 1);
      const at = context.locate(item.at);
      for (const mount of taken.mounts)
        byTarget.set(mount.target, { ...mount, readOnly: mount.readOnly || mode === "ro", at });
    }
    for (const mount of mounts) byTarget.set(mount.target, mount);
    const result = { mounts: chain === 0 ? mounts : [...byTarget.values()], chain };
    known.set(name, result);
    return result;
  };
  return (name) => {
    const taken = takenBy(name, new Set());
    // Where a circle ends depends on where it is entered: only what was asked for is remembered.
    if (taken === undefined) known.set(name, undefined);
    return taken?.mounts;
  };
}

function partsOf(item: Tree): readonly [name: string, mode?: string] {
  const [name = "", mode] = (textOf(item) ?? "").replace(/^service:/, "").split(":");
  return mode === undefined ? [name] : [name, mode];
}
