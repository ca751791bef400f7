import { normalize, join } from "node:path/posix";
import type { Location } from "../../model/finding.ts";
import type { AuditedContainer } from "../container.ts";
import type { Input, ReadBeside, ReadContainers } from "../inputs.ts";

/** Reads the first of these files by an input, with the others beside it. */
export function readWith(input: Input, files: Readonly<Record<string, string>>): ReadContainers {
  const [[name, text] = ["", ""]] = Object.entries(files);
  const beside: ReadBeside = Object.assign(
    (from: string, path: string) => {
      const whole = normalize(join(from, "..", path));
      return Object.hasOwn(files, whole) ? { name: whole, text: files[whole] ?? "" } : undefined;
    },
    {
      names: (from: string, folder: string) => {
        const whole = `${normalize(join(from, "..", folder))}/`;
        return Object.keys(files)
          .flatMap((each) => (each.startsWith(whole) ? [each.slice(whole.length)] : []))
          .toSorted();
      },
    },
  );
  return input.read({ name, text }, beside);
}

/** Settings without their places, and the names of those that are not known. */
export function valuesOf({ settings, unknown }: AuditedContainer): Readonly<Record<string, unknown>> {
  const values = Object.entries(settings).map(([name, setting]) => [
    name,
    JSON.parse(
      JSON.stringify("value" in setting ? setting.value : setting, (key, value: unknown) =>
        key === "at" ? undefined : value,
      ),
    ) as unknown,
  ]);
  return { ...Object.fromEntries(values), ...(unknown === undefined ? {} : { unknown }) };
}

/** What stands at a place. */
export function textAt(text: string, location: Location | undefined): string {
  const { line = 0, column = 0, endColumn } = location ?? {};
  return text.split(/\r?\n/)[line - 1]?.slice(column - 1, endColumn === undefined ? undefined : endColumn - 1) ?? "";
}
