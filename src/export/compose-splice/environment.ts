import type { EnvEntry } from "../../model/strategy.ts";
import { variableName } from "../../strategy/settings.ts";
import { type Edit, type Place, listOf } from "../splice/edits.ts";
import { type YamlData, isData } from "../splice/source.ts";

/** The variables that services set themselves, as a list or a map; later ones win. The value of `NAME` alone is not known. */
export function existingVariables(services: readonly YamlData[]): ReadonlyMap<string, string | undefined> {
  const found = services.flatMap(({ environment }): readonly (readonly [string, string | undefined])[] => {
    if (isData(environment)) return Object.entries(environment).map(([name, value]) => [name, textOf(value)]);
    return listOf(environment)
      .filter((item) => typeof item === "string")
      .map((item) => [variableName(item), item.includes("=") ? textOf(item.slice(item.indexOf("=") + 1)) : undefined]);
  });
  return new Map(found);
}

/** Adds the variables in the form that the service has. */
export function environmentEdits(
  place: Place,
  { environment }: YamlData,
  settings: readonly EnvEntry[],
): readonly Edit[] {
  if (settings.length === 0) return [];
  const literal = settings.map(({ name, value }) => [name, value.replaceAll("$", "$$$$")] as const);
  return isData(environment)
    ? [{ place, key: "environment", pairs: Object.fromEntries(literal) }]
    : [{ place, key: "environment", append: literal.map(([name, value]) => `${name}=${value}`) }];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value).replaceAll("$$", "$")
    : undefined;
}
