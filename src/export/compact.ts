import type { YamlItem, YamlMap } from "../strategy/yaml-text.ts";

/** The pairs that have a value. */
export function compact(map: Readonly<Record<string, YamlItem | undefined>>): YamlMap {
  return Object.fromEntries(Object.entries(map).filter((pair): pair is [string, YamlItem] => pair[1] !== undefined));
}

/** The list, or undefined when nothing is in it. */
export function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
