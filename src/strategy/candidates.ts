import type { PathRecord } from "../model/profile.ts";
import type { EnvEntry, Strategy } from "../model/strategy.ts";
import { deriveStrategy, type DeriveInput } from "./derive.ts";
import { changesOf, persistence } from "./needs.ts";
import { commonDirectory, compareText, isWithin } from "./paths.ts";
import { DENIED_TO_FOLD } from "./rules/limits.ts";
import { SETTING_RULES, type SettingRule } from "./rules/settings.ts";
import { variableName } from "./settings.ts";
import { whoWrites } from "./why.ts";

/** A setting worth a try, with the exact places at which its writes should be gone. */
export interface Candidate {
  readonly setting: EnvEntry;
  readonly places: readonly string[];
}

/**
 * The settings of which each alone would save an entry of the strategy that follows from `input`, were it to work; `imageEnv` are
 * the image's variables. What the run or the image sets is never touched.
 */
export function candidates(input: DeriveInput, imageEnv: readonly string[]): readonly Candidate[] {
  const own = new Set([...input.workload.env, ...imageEnv].map(variableName));
  const strategy = deriveStrategy(input);
  const decided = new Set<PathRecord>();
  return SETTING_RULES.flatMap((rule) => {
    const records = input.profile.records.filter((record) => !decided.has(record) && concerns(rule, input, record));
    if ([rule.name, ...(rule.unless ?? [])].some((name) => own.has(name)) || records.length === 0) return [];
    const places = [...new Set(records.flatMap(({ path }) => placeOf(rule, path) ?? []))].toSorted(compareText);
    const rest = deriveStrategy(withoutPlaces(input, places));
    const value = valueOf(rule, rest);
    if (value === undefined || !saves(rest, strategy)) return [];
    for (const record of records) decided.add(record);
    const why = `${whoWrites(records)} this: ${rule.why}. Tried in a run of its own: nothing else is written.`;
    return [{ setting: { kind: "env", name: rule.name, value, paths: told(places), why }, places }];
  });
}

/** Whether `tried` allows no more than `before`, and has fewer entries. */
export function saves(tried: Strategy, before: Strategy): boolean {
  const known = new Set(before.entries.map(({ kind, path }) => `${kind} ${path}`));
  return (
    tried.entries.length < before.entries.length &&
    tried.entries.every(({ kind, path }) => known.has(`${kind} ${path}`))
  );
}

/** Whether something is still written at one of the places. */
export function isWritten(places: readonly string[], records: readonly PathRecord[]): boolean {
  return records.some((record) => changesOf(record).length > 0 && isAt(record.path, places));
}

/** The input without what was written at the places. */
export function withoutPlaces(input: DeriveInput, places: readonly string[]): DeriveInput {
  const records = input.profile.records.filter(({ path }) => !isAt(path, places));
  return { ...input, profile: { ...input.profile, records } };
}

function isAt(path: string, places: readonly string[]): boolean {
  return places.some((place) => isWithin(path, place));
}

function concerns(rule: SettingRule, { tree }: DeriveInput, record: PathRecord): boolean {
  const place = placeOf(rule, record.path);
  return (
    place !== undefined &&
    record.mount === "/" &&
    changesOf(record).length > 0 &&
    (rule.when === undefined || rule.when(tree, place)) &&
    // What must last is not moved to where it would not.
    (typeof rule.value === "string" || persistence({ record }) === undefined)
  );
}

function placeOf({ matches }: SettingRule, path: string): string | undefined {
  const match = matches.exec(path);
  return match === null ? undefined : path.slice(0, match.index + match[0].length);
}

/** Directories for everybody's files; one is taken when it is mounted anyway. */
const SHARED = ["/tmp", "/var/tmp"];

function valueOf({ value }: SettingRule, { entries }: Strategy): string | undefined {
  if (typeof value === "string") return value;
  const directory = SHARED.find((path) =>
    entries.some((entry) => entry.path === path && (entry.kind === "tmpfs" || entry.kind === "scratch")),
  );
  return directory === undefined ? undefined : value(directory);
}

/** Many places are told by the directory that holds them. */
function told(places: readonly string[]): readonly string[] {
  if (places.length < DENIED_TO_FOLD) return places;
  const common = places.reduce(commonDirectory);
  return [common === "/" ? "/*" : common];
}
