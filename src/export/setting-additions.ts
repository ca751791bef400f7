import type { EnvEntry } from "../model/strategy.ts";

export interface SettingAdditions {
  readonly missing: readonly EnvEntry[];
  /** Where what is there differs from the strategy; one sentence each. */
  readonly notes: readonly string[];
}

/** The settings that a container lacks; `existing` are the variables that it has, with their values where the file says them. What it has stays. */
export function missingSettings(
  settings: readonly EnvEntry[],
  existing: ReadonlyMap<string, string | undefined>,
  place: string,
): SettingAdditions {
  const different = settings.filter(({ name, value }) => existing.has(name) && existing.get(name) !== value);
  return {
    missing: settings.filter(({ name }) => !existing.has(name)),
    notes: different.map(
      ({ name, value }) => `${place} has its own ${name}, which stays; the strategy was verified with '${value}'.`,
    ),
  };
}
