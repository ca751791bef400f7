import { type Data, isData } from "./source.ts";

/** Paths at which two readings of a file differ, such as `services.db.volumes`; the order of keys means nothing. */
export function differences(before: Data | undefined, after: Data | undefined, path = ""): string[] {
  if (Object.is(before, after)) return [];
  if (isList(before) && isList(after) && before.length === after.length)
    return before.flatMap((item, index) => differences(item, after[index], `${path}[${index}]`));
  if (isData(before) && isData(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differences(own(before, key), own(after, key), path === "" ? key : `${path}.${key}`),
    );
  }
  return [path];
}

function own(data: { readonly [key: string]: Data }, key: string): Data | undefined {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}

function isList(data: Data | undefined): data is readonly Data[] {
  return Array.isArray(data);
}
