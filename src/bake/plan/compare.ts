import type { LayerChange } from "../../model/change.ts";
import { isAlike } from "../../strategy/alike.ts";
import { refuse, type RefusalContext } from "./refuse.ts";
import type { FreshStart, LeftOut, Refusal } from "./types.ts";

/** What an engine puts into a container's layer by itself. Source: Podman libpod/container_internal_common.go; moby daemon/initlayer. */
const ENGINES =
  /^\/(?:dev|proc|sys|run\/secrets|\.dockerenv|run\/\.containerenv|run\/\.dockerenv|etc\/(?:mtab|hosts|hostname|resolv\.conf))(?:\/|$)/;

export interface Compared {
  /** What every fresh start left alike, by path. */
  readonly same: ReadonlyMap<string, LayerChange>;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Sorts what fresh starts left into what may become part of an image, and what may not. `tested` is what the first one's layer held
 * after the test: what had changed by then is state.
 */
export function compareStarts(
  starts: readonly FreshStart[],
  tested: readonly LayerChange[] | undefined,
  context: RefusalContext,
): Compared {
  const layers = starts.map(({ changes }) => new Map(changes.map((change) => [change.path, change])));
  const after = tested === undefined ? undefined : new Map(tested.map((change) => [change.path, change]));
  const same = new Map<string, LayerChange>();
  const leftOut: LeftOut[] = [];
  for (const path of new Set(layers.flatMap((layer) => [...layer.keys()]))) {
    if (ENGINES.test(path)) continue;
    const seen = layers.map((layer) => layer.get(path));
    // What is a secret in one of them is one, whatever else is to be said.
    const refusal = seen.map((change) => change && refuse(change, context)).find((found) => found !== undefined);
    const problem = refusal ?? differing(seen, after === undefined ? undefined : [seen[0], after.get(path)]);
    const [first] = seen;
    if (problem !== undefined) leftOut.push({ path, ...problem });
    else if (first !== undefined) same.set(path, first);
  }
  return { same, leftOut };
}

function differing(
  seen: readonly (LayerChange | undefined)[],
  used: readonly (LayerChange | undefined)[] | undefined,
): Refusal | undefined {
  if (seen.includes(undefined)) return { kind: "differs", reason: "not every fresh start makes it" };
  if (!areAlike(seen)) return { kind: "differs", reason: "it differs from one fresh start to the next" };
  if (used !== undefined && !areAlike(used))
    return { kind: "differs", reason: "it changes while the workload is used" };
  return undefined;
}

function areAlike([first, ...others]: readonly (LayerChange | undefined)[]): boolean {
  return others.every((other) => first !== undefined && other !== undefined && isAlike(first, other));
}
