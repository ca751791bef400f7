import { normalize } from "node:path/posix";
import type { BindEntry, Strategy, StrategyEntry, VolumeEntry } from "../model/strategy.ts";
import type { WorkloadMount } from "../model/workload.ts";
import { formatTmpfsOptions } from "./tmpfs-options.ts";

/** What a container needs besides a read-only root; the fields are those that engines take. */
export interface MountPlan {
  /** Target path -> options text of `docker run --tmpfs`. */
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly volumes: readonly PlannedVolume[];
  readonly binds: readonly PlannedBind[];
}

export interface PlannedVolume {
  /** Absent: anonymous, and gone with the container. */
  readonly name?: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** No code in it may be run. */
  readonly noExec?: true;
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
}

export interface PlannedBind {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options?: string;
}

export interface MountPlanOptions {
  /** Name of the volume for an entry to which the user gave none. */
  readonly volumeName: (entry: VolumeEntry) => string;
}

/** The mounts of a strategy, with what only the run says of them: a volume given read-only, the options of a bind. What stays refused needs none. */
export function mountPlan(strategy: Strategy, options: MountPlanOptions): MountPlan {
  const { entries } = strategy;
  const given = new Map(strategy.workload.mounts.map((mount) => [normalize(mount.target).replace(/\/$/, ""), mount]));
  return {
    tmpfs: Object.fromEntries(ofKind(entries, "tmpfs").map((entry) => [entry.path, formatTmpfsOptions(entry)])),
    volumes: entries.flatMap((entry): readonly PlannedVolume[] => {
      if (entry.kind === "volume") return [plannedVolume(entry, given.get(entry.path), options)];
      if (entry.kind !== "seeded" && entry.kind !== "scratch") return [];
      return [{ target: entry.path, readOnly: false, ...noExec(entry) }];
    }),
    binds: ofKind(entries, "bind").map((entry) => plannedBind(entry, given.get(entry.path))),
  };
}

function ofKind<K extends StrategyEntry["kind"]>(
  entries: readonly StrategyEntry[],
  kind: K,
): readonly Extract<StrategyEntry, { readonly kind: K }>[] {
  return entries.filter((entry): entry is Extract<StrategyEntry, { readonly kind: K }> => entry.kind === kind);
}

function plannedVolume(
  entry: VolumeEntry,
  given: WorkloadMount | undefined,
  { volumeName }: MountPlanOptions,
): PlannedVolume {
  return {
    name: entry.source ?? volumeName(entry),
    target: entry.path,
    readOnly: given?.type === "volume" && given.readOnly,
    ...noExec(entry),
    ...(entry.driver === undefined ? {} : { driver: entry.driver }),
    ...(entry.options === undefined ? {} : { driverOptions: entry.options }),
  };
}

function noExec({ exec }: { readonly exec: boolean }): { readonly noExec?: true } {
  return exec ? {} : { noExec: true };
}

function plannedBind({ source, path, readOnly }: BindEntry, given: WorkloadMount | undefined): PlannedBind {
  const options = given?.type === "bind" ? given.options : undefined;
  return { source, target: path, readOnly, ...(options === undefined ? {} : { options }) };
}
