import type { Strategy, StrategyEntry } from "../model/strategy.ts";
import type { Workload, WorkloadMount } from "../model/workload.ts";
import { tmpfsOptions } from "./tmpfs-options.ts";
import { volumeNameFor } from "./volume-name.ts";

/** A mount as a target has to write it. */
export type PlannedMount = {
  readonly target: string;
  readonly readOnly: boolean;
  /** The entry's reason; absent for a mount that the user gave and the strategy says nothing about. */
  readonly why?: string;
} & (
  | { readonly kind: "tmpfs"; readonly options: string }
  | { readonly kind: "bind"; readonly source: string; readonly options?: string }
  | {
      readonly kind: "volume";
      /** Absent: anonymous. */
      readonly name?: string;
      /** The user chose the name: it stands for that very volume. */
      readonly nameIsGiven: boolean;
      readonly driver?: string;
      readonly driverOptions?: Readonly<Record<string, string>>;
    }
);

/** Every mount of the workload under its strategy, sorted by target. Where both name a target, the strategy decides. */
export function planMounts(strategy: Strategy, workload: Workload): readonly PlannedMount[] {
  const given = new Map(workload.mounts.map((mount) => [mount.target, mount]));
  const planned = strategy.entries.flatMap((entry) => {
    const mount = planEntry(strategy.name, entry, given.get(entry.path));
    if (mount !== undefined) given.delete(entry.path);
    return mount ?? [];
  });
  return [...planned, ...[...given.values()].map(planGiven)].toSorted((a, b) => (a.target < b.target ? -1 : 1));
}

function planEntry(name: string, entry: StrategyEntry, given: WorkloadMount | undefined): PlannedMount | undefined {
  const { path: target, why } = entry;
  switch (entry.kind) {
    case "tmpfs":
      return { kind: "tmpfs", target, why, readOnly: false, options: tmpfsOptions(entry) };
    case "volume":
      return {
        kind: "volume",
        target,
        why,
        name: entry.source ?? volumeNameFor(name, target),
        nameIsGiven: entry.source !== undefined,
        readOnly: given?.type === "volume" && given.readOnly,
        ...(entry.driver !== undefined && { driver: entry.driver }),
        ...(entry.options !== undefined && { driverOptions: entry.options }),
      };
    case "bind":
      return {
        kind: "bind",
        target,
        why,
        source: entry.source,
        readOnly: entry.readOnly,
        // Propagation and SELinux labels are not the strategy's: they stay as the user gave them.
        ...(given?.type === "bind" && given.options !== undefined && { options: given.options }),
      };
    // A read-only root denies by itself.
    case "deny":
      break;
  }
  return undefined;
}

function planGiven({ type, source, target, readOnly, options }: WorkloadMount): PlannedMount {
  if (type === "tmpfs") return { kind: "tmpfs", target, readOnly, options: options ?? "" };
  if (type === "bind" && source !== undefined)
    return { kind: "bind", target, source, readOnly, ...(options !== undefined && { options }) };
  return { kind: "volume", target, readOnly, nameIsGiven: true, ...(source !== undefined && { name: source }) };
}
