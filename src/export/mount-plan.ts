import { PetrifyError } from "../model/errors.ts";
import type { Strategy, TmpfsEntry } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { mountPlan } from "../strategy/mounts.ts";
import { volumeNameFor } from "../strategy/volume-name.ts";

/** What is known of a place that is forgotten with the container. */
export type ForgottenSettings = Pick<TmpfsEntry, "sizeBytes" | "mode" | "uid" | "gid" | "exec">;

/** A mount as a target has to write it. */
export type PlannedMount = {
  readonly target: string;
  readonly readOnly: boolean;
  readonly why: string;
} & (
  | ({ readonly kind: "tmpfs"; readonly options: string } & ForgottenSettings)
  | ({ readonly kind: "seeded" | "scratch" } & ForgottenSettings)
  | { readonly kind: "bind"; readonly source: string; readonly options?: string }
  | {
      readonly kind: "volume";
      readonly name: string;
      /** The user chose the name: it stands for that very volume. */
      readonly nameIsGiven: boolean;
      readonly exec: boolean;
      readonly driver?: string;
      readonly driverOptions?: Readonly<Record<string, string>>;
    }
);

/**
 * The mounts that verify gives the workload, sorted by target: exports write what was verified. Throws E_EXPORT_UNSUPPORTED for
 * single read-only paths: Docker takes them by its API only. A volume mounted read-only would hold a copy that a new image does
 * not renew, and Docker refuses one without a name.
 */
export function planMounts(strategy: Strategy, workload: Workload): readonly PlannedMount[] {
  if (strategy.readOnlyPaths !== undefined)
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `No target can make single paths read-only (${strategy.readOnlyPaths.join(", ")}) while the root stays writable.`,
      {
        hint: "Start it with `petrify run --strategy FILE`, or take readOnlyPaths out and make the whole root read-only.",
      },
    );
  const entries = new Map(strategy.entries.map((entry) => [entry.path, entry]));
  const whyOf = (target: string): string => entries.get(target)?.why ?? "";
  const plan = mountPlan({ ...strategy, workload }, { volumeName: (entry) => volumeNameFor(strategy, entry) });
  const mounts: PlannedMount[] = [
    ...plan.binds.map((bind) => ({ kind: "bind" as const, ...bind, why: whyOf(bind.target) })),
    ...plan.volumes.flatMap(({ name, noExec, ...volume }) => {
      const entry = entries.get(volume.target);
      const nameIsGiven = entry?.kind === "volume" && entry.source !== undefined;
      const why = whyOf(volume.target);
      return name === undefined
        ? []
        : [{ kind: "volume" as const, ...volume, name, nameIsGiven, exec: noExec !== true, why }];
    }),
    ...strategy.entries
      .filter((entry) => entry.kind === "tmpfs")
      .map(({ path, ...entry }) => ({ ...entry, target: path, readOnly: false, options: plan.tmpfs[path] ?? "" })),
    ...strategy.entries
      .filter((entry) => entry.kind === "seeded" || entry.kind === "scratch")
      .map(({ path, ...entry }) => ({ ...entry, target: path, readOnly: false })),
  ];
  return mounts.toSorted((a, b) => (a.target < b.target ? -1 : 1));
}
