import { PlacedBuilder, PlacedText } from "./placed-text.ts";

/** A section of a unit file as it was read: what `UnitSection` is, with the place of everything. */
export interface PlacedSection {
  readonly name: string;
  readonly settings: readonly PlacedSetting[];
}

export interface PlacedSetting {
  readonly key: PlacedText;
  readonly value: PlacedText;
}

/**
 * Reads a unit file as systemd does (systemd.syntax; src/shared/conf-parser.c): comments are whole lines, also between continued
 * ones, and a backslash at the end of a line joins the next one to it with a blank. What is neither section nor setting is left out.
 */
export function readUnit(text: string): readonly PlacedSection[] {
  const sections: { name: string; settings: PlacedSetting[] }[] = [];
  for (const line of logicalLines(text)) {
    const header = /^\[(.*)\]$/s.exec(line.text);
    if (header !== null) {
      sections.push({ name: header[1] ?? "", settings: [] });
      continue;
    }
    const equals = line.text.indexOf("=");
    if (equals < 0) continue;
    const setting = { key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim() };
    sections.at(-1)?.settings.push(setting);
  }
  return sections;
}

function* logicalLines(text: string): Generator<PlacedText> {
  let joined: PlacedBuilder | undefined;
  for (let start = 0; start < text.length;) {
    const lineBreak = text.indexOf("\n", start);
    const end = lineBreak < 0 ? text.length : lineBreak;
    const line = new PlacedText(text.slice(start, end), start).trim();
    start = end + 1;
    if (/^[#;]/.test(line.text)) continue;
    const isContinued = line.text.endsWith("\\");
    if (isContinued) {
      joined ??= new PlacedBuilder();
      joined.append(line.slice(0, line.text.length - 1));
      joined.add(" ", line.at(line.text.length - 1));
    } else if (joined !== undefined) {
      joined.append(line);
      yield joined.build().trim();
      joined = undefined;
    } else if (line.text !== "") yield line;
  }
  if (joined !== undefined) yield joined.build().trim();
}
