import { basename, dirname, join } from "node:path/posix";
import { type PlacedSetting, readUnit } from "../../../export/unit-reader.ts";
import type { Location } from "../../../model/finding.ts";
import type { AuditText, ReadBeside } from "../../inputs.ts";
import { locatorOf } from "../../locator.ts";

/** A setting of a unit, and the file in which it stands. */
export interface UnitSetting extends PlacedSetting {
  readonly file: string;
  readonly locate: (start: number, end?: number) => Location;
}

/** The settings of a unit and its drop-ins by section, in the order in which they count. */
export type Unit = ReadonlyMap<string, readonly UnitSetting[]>;

/**
 * Reads a unit with the drop-ins beside it: `web.container.d/*.conf`, by name (systemd.unit; Podman
 * since 5.0).
 */
export function readUnitWithDropIns(text: AuditText, beside: ReadBeside): Unit {
  const base = basename(text.name);
  const folder = `${base}.d`;
  const names = beside.names?.(text.name, folder) ?? [];
  const dropIns = names.flatMap((name) => {
    const path = join(folder, name);
    const found = name.endsWith(".conf") ? beside(text.name, path) : undefined;
    return found === undefined ? [] : [{ name: join(dirname(text.name), path), text: found.text }];
  });
  const sections = new Map<string, UnitSetting[]>();
  for (const one of [text, ...dropIns])
    for (const [name, settings] of sectionsOf(one, text.name))
      sections.set(name, [...(sections.get(name) ?? []), ...settings]);
  return sections;
}

function sectionsOf(
  { name, text: whole }: AuditText,
  own: string,
): readonly (readonly [string, readonly UnitSetting[]])[] {
  const text = whole.replace(/^\uFEFF/, "");
  const find = locatorOf(text);
  const file = name === own ? {} : { file: name };
  const locate = (start: number, end?: number): Location => ({ ...find(start, end), ...file });
  return readUnit(text).map(({ name: section, settings }) => [
    section,
    settings.map((setting) => ({ ...setting, file: name, locate })),
  ]);
}
