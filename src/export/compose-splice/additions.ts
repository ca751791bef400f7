import { parseTmpfsOptions } from "../../strategy/tmpfs-options.ts";
import type { PlannedMount } from "../mount-plan.ts";
import type { ExistingMount } from "./existing-mounts.ts";

export interface Additions {
  /** Planned mounts that the service does not have, by target. */
  readonly missing: ReadonlySet<string>;
  /** Where what the service has differs from the strategy; one sentence each. */
  readonly notes: readonly string[];
}

/** What a container lacks of a strategy. What it has at a target is the user's and stays, also when it differs. */
export function decideAdditions<M extends ExistingMount>(
  planned: readonly PlannedMount[],
  existing: readonly M[],
  differences: (planned: PlannedMount, existing: M) => readonly string[] = conflict,
): Additions {
  const missing = new Set<string>();
  const notes: string[] = [];
  for (const mount of planned) {
    // Later settings of Compose win over earlier ones at the same target.
    const same = existing.findLast(({ target }) => target === mount.target);
    const around = existing.find(
      (other) => other.kind !== "tmpfs" && !other.readOnly && isInside(mount.target, other.target),
    );
    if (same !== undefined) notes.push(...differences(mount, same));
    else if (around !== undefined)
      notes.push(`${mount.target} gets no mount of its own: it is inside ${around.target}, which is stored already.`);
    else missing.add(mount.target);
  }
  return { missing, notes };
}

const NOT_KEPT = "a tmpfs, which loses at every stop what the application keeps there";
const NOT_FORGOTTEN = "stored, although nothing that the application writes there must last";

/** What is wrong with the mount that a service has, by its kind and the one that the strategy wants. */
const DIFFERENCES: Readonly<Record<ExistingMount["kind"], { readonly [K in PlannedMount["kind"]]?: string }>> = {
  tmpfs: { volume: NOT_KEPT, bind: NOT_KEPT, seeded: "a tmpfs, which hides what the image has there" },
  anonymous: {
    tmpfs: NOT_FORGOTTEN,
    volume: "a volume without a name, which is not found again once the project was down",
  },
  stored: {
    tmpfs: NOT_FORGOTTEN,
    scratch: NOT_FORGOTTEN,
    seeded: "stored, so a new image does not renew its files there",
  },
};

function conflict(planned: PlannedMount, { kind, readOnly, options, target }: ExistingMount): string[] {
  const kept = `The mount at ${target} stays as it is`;
  if (readOnly && !planned.readOnly) return [`${kept}: read-only, although the application writes there.`];
  if (!readOnly && planned.readOnly) return [`${kept}: writable, although the strategy has it read-only.`];
  const difference = DIFFERENCES[kind][planned.kind];
  if (difference !== undefined) return [`${kept}: ${difference}.`];
  if (planned.kind === "tmpfs" && !sameOptions(planned.options, options))
    return [`${kept}: its options are '${options ?? ""}', the strategy's '${planned.options}'.`];
  return [];
}

/** Whether both options of a tmpfs mean the same; `size=64m` is `size=67108864`. */
function sameOptions(one: string, other = ""): boolean {
  const [a, b] = [parseTmpfsOptions(one), parseTmpfsOptions(other)];
  return (["sizeBytes", "mode", "uid", "gid", "exec"] as const).every((option) => a[option] === b[option]);
}

function isInside(path: string, directory: string): boolean {
  return path.startsWith(directory === "/" ? "/" : `${directory}/`);
}
