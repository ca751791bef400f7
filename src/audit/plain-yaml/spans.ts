import type { Data, YamlData } from "../../export/splice/source.ts";
import type { Location } from "../../model/finding.ts";
import { locatorOf } from "../locator.ts";

/**
 * Offsets into the text. Of a map, for each key in order: where the key begins and ends, and its value when that is a scalar, else
 * -1. Of a list, for each item where it begins, and ends when it is a scalar, else -1.
 */
export type Entries = Map<object, readonly number[]>;

/** Says where a key stands and how its value is written, as placer of yaml-place.ts does. */
export function spanPlacer(
  text: string,
  root: YamlData,
  entries: Entries,
  firstLine: number,
): {
  readonly place: (path: readonly (string | number)[]) => Location;
  readonly plain: (path: readonly (string | number)[]) => string | undefined;
} {
  const locate = locatorOf(text, firstLine);
  const spanOf = (data: Data | undefined, step: string | number): readonly number[] | undefined => {
    if (typeof data !== "object" || data === null) return undefined;
    const width = Array.isArray(data) ? 2 : 4;
    const index = Array.isArray(data) === (typeof step === "number") ? indexIn(data, step) : -1;
    return index < 0 ? undefined : entries.get(data)?.slice(index * width, index * width + width);
  };
  return {
    place: (path) => {
      let data: Data | undefined = root;
      let [start = 0, end = -1] = entries.get(root) ?? [];
      for (const step of path) {
        const span = spanOf(data, step);
        if (span === undefined) break;
        [start = 0, end = -1] = span;
        data = inside(data, step);
        // An item that is a map stands where its first key does.
        if (typeof step === "number" && typeof data === "object" && data !== null && !Array.isArray(data))
          [start = start, end = -1] = entries.get(data) ?? [];
      }
      return locate(start, end);
    },
    plain: (path) => {
      let data: Data | undefined = root;
      for (const step of path.slice(0, -1)) data = inside(data, step);
      const [, , start = -1, end = -1] = spanOf(data, path.at(-1) ?? "") ?? [];
      return start < 0 || /["'|]/.test(text[start] ?? "") ? undefined : text.slice(start, end);
    },
  };
}

function inside(data: Data | undefined, step: string | number): Data | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  return (data as Readonly<Record<string | number, Data>>)[step];
}

function indexIn(data: object, step: string | number): number {
  if (typeof step === "number") return Array.isArray(data) && step < data.length ? step : -1;
  return Object.keys(data).indexOf(step);
}
