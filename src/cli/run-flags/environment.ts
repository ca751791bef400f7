import { PetrifyError } from "../../model/errors.ts";
import type { CommandHost } from "./host.ts";

/** `-e KEY=VALUE`; `-e KEY` takes the host's value, and without one stays `KEY`, which removes the image's. Throws E_USAGE. */
export function parseEnv(text: string, host: CommandHost): string {
  if (text === "" || text.startsWith("="))
    throw new PetrifyError("E_USAGE", `-e needs KEY=VALUE or KEY, not '${text}'.`);
  if (text.includes("=")) return text;
  const value = host.env[text];
  return value === undefined ? text : `${text}=${value}`;
}

/**
 * The variables of an `--env-file`, read as docker does (docker/cli pkg/kvfile): no quotes, no escapes, `#` only at the
 * start of a line, a name alone takes the host's value or is skipped. Throws E_USAGE, E_IO.
 */
export function parseEnvFile(path: string, host: CommandHost): string[] {
  const variables: string[] = [];
  for (const [index, raw] of host
    .readTextFile(path)
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const name = equals < 0 ? line.trimEnd() : line.slice(0, equals);
    if (name === "" || /\s/.test(name))
      throw new PetrifyError("E_USAGE", `Line ${index + 1} of ${path} is not KEY=VALUE.`, {
        hint: "A variable's name has no spaces and is not empty.",
      });
    const value = equals < 0 ? host.env[name] : line.slice(equals + 1);
    if (value !== undefined) variables.push(`${name}=${value}`);
  }
  return variables;
}
