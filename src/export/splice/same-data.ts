import { type YamlData, type Data, isData } from "./source.ts";

/** Paths at which two readings of a file differ, such as `services.db.volumes`; the order of keys means nothing. */
export function differences(before: Data, after: Data): string[] {
  return new Comparison().differences(before, after, "");
}

class Comparison {
  /** What was compared before: a block that many aliases share must not be compared once for each. */
  readonly #same = new WeakMap<object, WeakSet<object>>();

  differences(before: Data | undefined, after: Data | undefined, path: string): string[] {
    if (Object.is(before, after)) return [];
    const isPair = (isList(before) && isList(after)) || (isData(before) && isData(after));
    if (!isPair) return [path];
    if (this.#same.get(before)?.has(after) === true) return [];
    const found = this.#inside(before, after, path);
    if (found.length === 0) this.#remember(before, after);
    return found;
  }

  #inside(before: readonly Data[] | YamlData, after: readonly Data[] | YamlData, path: string): string[] {
    const isListPair = isList(before);
    if (isListPair && before.length !== (after as readonly Data[]).length) return [path];
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => {
      const place = isListPair ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      return this.differences(own(before, key), own(after, key), place);
    });
  }

  #remember(before: object, after: object): void {
    const known = this.#same.get(before) ?? new WeakSet();
    this.#same.set(before, known.add(after));
  }
}

function own(data: object, key: string): Data | undefined {
  return Object.hasOwn(data, key) ? (data as YamlData)[key] : undefined;
}

function isList(data: Data | undefined): data is readonly Data[] {
  return Array.isArray(data);
}
