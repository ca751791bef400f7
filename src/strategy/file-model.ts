import type { EnvEntry, LogEntry, Strategy, StrategyEntry } from "../model/strategy.ts";
import { formatMode, formatSize, parseSize } from "../model/units.ts";
import { NO_SETTINGS, type Workload } from "../model/workload.ts";
import {
  isPlace,
  type LogFile,
  type PlaceFile,
  type SettingFile,
  type StrategyFile,
  type WorkloadFile,
  workloadFields,
} from "./file-schema.ts";
import { compareText } from "./paths.ts";

/** The file's content for a strategy, keys in the order in which they are read best. */
export function toFile(strategy: Strategy): StrategyFile {
  return {
    apiVersion: "petrify.dev/v1",
    kind: "WriteStrategy",
    name: strategy.name,
    fits: strategy.fits,
    readOnlyPaths: strategy.readOnlyPaths,
    entries: [
      ...strategy.entries.map(entryToFile),
      ...(strategy.logs ?? []).map(logToFile),
      ...(strategy.settings ?? []).map(settingToFile),
    ],
    workload: workloadToFile(strategy.workload),
    profile: strategy.profile,
    test: strategy.test,
    incomplete: strategy.incomplete,
    verifiedOn: strategy.verifiedOn,
  };
}

/** The strategy that a file's content says, with its lists in their fixed order whatever the order in the file. */
export function fromFile(file: StrategyFile): Strategy {
  const settings = settingsFromFile(file.entries.filter((entry) => entry.kind === "env"));
  const logs = logsFromFile(file.entries.filter((entry) => entry.kind === "log"));
  return {
    name: file.name,
    fits: { repositories: file.fits.repositories.toSorted(compareText) },
    workload: workloadFromFile(file.name, file.workload),
    ...(file.readOnlyPaths === undefined ? {} : { readOnlyPaths: file.readOnlyPaths.toSorted(compareText) }),
    entries: file.entries
      .filter(isPlace)
      .map(entryFromFile)
      .toSorted((a, b) => compareText(a.path, b.path)),
    ...(settings.length === 0 ? {} : { settings }),
    ...(logs.length === 0 ? {} : { logs }),
    profile: file.profile,
    incomplete: file.incomplete.toSorted(compareText),
    test: withoutUndefined(file.test),
    verifiedOn: file.verifiedOn.toSorted(compareText),
  };
}

export function settingToFile({ name, value, paths, why }: EnvEntry): SettingFile {
  return { kind: "env", name, value, paths, why };
}

/** Sorted by name. */
export function settingsFromFile(settings: readonly SettingFile[]): readonly EnvEntry[] {
  return settings
    .map((setting) => ({ ...setting, paths: setting.paths.toSorted(compareText) }))
    .toSorted((a, b) => compareText(a.name, b.name));
}

function logToFile({ path, stream, why }: LogEntry): LogFile {
  return { kind: "log", path, stream, why };
}

/** Sorted by path. */
export function logsFromFile(logs: readonly LogFile[]): readonly LogEntry[] {
  return logs.toSorted((a, b) => compareText(a.path, b.path));
}

function entryToFile(entry: StrategyEntry): PlaceFile {
  const { path, why } = entry;
  switch (entry.kind) {
    case "tmpfs":
    case "seeded":
    case "scratch":
      return {
        kind: entry.kind,
        path,
        size: formatSize(entry.sizeBytes),
        ...ownerToFile(entry),
        exec: entry.exec,
        why,
      };
    case "volume": {
      const { reason, seeded, source, driver, options } = entry;
      const given = withoutUndefined({ source, driver, options: options && sorted(options) });
      return { kind: "volume", path, reason, seeded, ...given, ...ownerToFile(entry), exec: entry.exec, why };
    }
    case "bind":
      return { kind: "bind", path, source: entry.source, readOnly: entry.readOnly, why };
    case "deny":
      return { kind: "deny", path, operations: entry.operations, why };
    case "image":
      return { kind: "image", path, operations: entry.operations, fix: entry.fix, why };
    default:
      return entry;
  }
}

function entryFromFile(entry: PlaceFile): StrategyEntry {
  const { path, why } = entry;
  switch (entry.kind) {
    case "tmpfs":
    case "seeded":
    case "scratch":
      return {
        kind: entry.kind,
        path,
        sizeBytes: parseSize(entry.size),
        ...ownerFromFile(entry),
        exec: entry.exec ?? false,
        why,
      };
    case "volume": {
      const { reason = "given", seeded = false, source, driver, options } = entry;
      const given = withoutUndefined({ source, driver, options });
      // Files of before had no say in it, and what they started could run code there.
      const { exec = true } = entry;
      return { kind: "volume", path, reason, seeded, ...given, ...ownerFromFile(entry), exec, why };
    }
    case "bind":
      return { kind: "bind", path, source: entry.source, readOnly: entry.readOnly ?? false, why };
    case "deny":
      return { kind: "deny", path, operations: entry.operations.toSorted(compareText), why };
    case "image":
      return { kind: "image", path, operations: entry.operations.toSorted(compareText), fix: entry.fix, why };
    default:
      return entry;
  }
}

function ownerToFile(entry: { readonly mode: number; readonly uid: number; readonly gid: number }) {
  return { mode: formatMode(entry.mode), uid: entry.uid, gid: entry.gid };
}

function ownerFromFile({
  mode = "0755",
  uid = 0,
  gid = 0,
}: {
  mode?: string | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
}) {
  return { mode: Number.parseInt(mode, 8), uid, gid };
}

/** A workload as files hold it: sizes with their unit, nothing that has its default. */
export function workloadToFile(workload: Workload): WorkloadFile {
  const { name: _name, memoryBytes, shmSizeBytes, labels, sysctls, ...settings } = workload;
  const all: WorkloadFile = {
    ...settings,
    labels: sorted(labels),
    sysctls: sorted(sysctls),
    memory: memoryBytes === undefined ? undefined : formatSize(memoryBytes),
    shmSize: shmSizeBytes === undefined ? undefined : formatSize(shmSizeBytes),
  };
  const said = workloadFields.map((field) => [field, all[field]] as const).filter(([, value]) => isSaid(value));
  return { ...Object.fromEntries(said), image: workload.image };
}

function isSaid(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== false;
}

export function workloadFromFile(
  name: string,
  { image, memory, shmSize, mounts, ports, ...settings }: WorkloadFile,
): Workload {
  return {
    name,
    image,
    ...NO_SETTINGS,
    ...withoutUndefined(settings),
    mounts: (mounts ?? []).map(({ readOnly = false, ...mount }) => ({ ...withoutUndefined(mount), readOnly })),
    ports: (ports ?? []).map((port) => withoutUndefined(port)),
    ...(memory === undefined ? {} : { memoryBytes: parseSize(memory) }),
    ...(shmSize === undefined ? {} : { shmSizeBytes: parseSize(shmSize) }),
  };
}

type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The same fields without those that are undefined. */
export function withoutUndefined<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<T>;
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => compareText(a, b)));
}
