import { PetrifyError } from "../model/errors.ts";
import { oneLine } from "./notes.ts";

/** A section of a systemd unit: `[Service]` and its settings in order; a key may come several times. */
export interface UnitSection {
  readonly name: string;
  /** `#` as key is a comment. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

/** The text of a unit file; values are written as they are. */
export function unitText(comments: readonly string[], sections: readonly UnitSection[]): string {
  const head = comments.map((comment) => `# ${oneLine(comment)}\n`).join("");
  const body = sections.map(({ name, settings }) => `[${name}]\n${settings.map(settingLine).join("")}`);
  return [head, ...body].filter((part) => part !== "").join("\n");
}

/** A word of a command line or list that systemd reads back as exactly this text (systemd.service, systemd.syntax). Throws E_EXPORT_UNSUPPORTED. */
export function unitWord(word: string): string {
  if (/^[A-Za-z0-9_@+=:,./-]+$/.test(word)) return word;
  const escaped = unitValue(word.replaceAll("\\", "\\\\")).replaceAll('"', String.raw`\"`);
  return `"${escaped.replaceAll(/[\n\r\t]/g, (character) => ESCAPES[character] ?? "")}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": String.raw`\n`, "\r": String.raw`\r`, "\t": String.raw`\t` };

/** Text with what systemd would replace doubled: `%` for specifiers, `$` for variables. Throws E_EXPORT_UNSUPPORTED for NUL. */
export function unitValue(text: string): string {
  if (text.includes("\0"))
    throw new PetrifyError("E_EXPORT_UNSUPPORTED", "A unit file cannot hold the character NUL.", {
      hint: "Look for it in the strategy's workload.",
    });
  return text.replaceAll("%", "%%").replaceAll("$", "$$$$");
}

function settingLine([key, value]: readonly [key: string, value: string]): string {
  return key === "#" ? `# ${oneLine(value)}\n` : `${key}=${value}\n`;
}
