import { PetrifyError } from "../model/errors.ts";

const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/** A switch's value as Go's strconv.ParseBool reads it. Throws E_USAGE. */
export function parseSwitch(flag: string, text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new PetrifyError("E_USAGE", `${flag} is a switch and cannot be '${text}'.`, {
    hint: `Write ${flag} or ${flag}=false.`,
  });
}

/** A whole number of at least `least`. Throws E_USAGE. */
export function parseInteger(flag: string, text: string, least: number): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least)
    throw new PetrifyError("E_USAGE", `${flag} needs a whole number of at least ${least}, not '${text}'.`);
  return value;
}

/** Billionths of a CPU of a decimal number (`1.5`), without the error of floating point. Throws E_USAGE. */
export function parseNanoCpus(text: string): number {
  const match = /^(\d{1,6})(?:\.(\d{0,9}))?$/.exec(text) ?? /^()\.(\d{1,9})$/.exec(text);
  if (match === null) throw new PetrifyError("E_USAGE", `--cpus needs a number such as 1.5, not '${text}'.`);
  return Number(match[1] ?? "0") * 1_000_000_000 + Number((match[2] ?? "").padEnd(9, "0"));
}

/** `key=value` split at the first `=`. Throws E_USAGE when there is none, or no key. */
export function parsePair(flag: string, text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new PetrifyError("E_USAGE", `${flag} needs KEY=VALUE, not '${text}'.`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

// docker/go-units ulimit.go, ulimitNameMapping.
const ULIMITS = new Set(
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" "),
);

/** `nofile=1024:2048`; one number is both limits, -1 is none. Throws E_USAGE. */
export function parseUlimit(text: string): { readonly name: string; readonly soft: number; readonly hard: number } {
  const [name, limits] = parsePair("--ulimit", text);
  if (!ULIMITS.has(name))
    throw new PetrifyError("E_USAGE", `--ulimit knows no '${name}'.`, { hint: `It knows ${[...ULIMITS].join(", ")}.` });
  const [softText = "", hardText = softText, ...more] = limits.split(":");
  if (more.length > 0) throw new PetrifyError("E_USAGE", `--ulimit needs ${name}=SOFT[:HARD], not '${text}'.`);
  const soft = parseInteger("--ulimit", softText, -1);
  const hard = parseInteger("--ulimit", hardText, -1);
  if (hard !== -1 && (soft === -1 || soft > hard))
    throw new PetrifyError("E_USAGE", `--ulimit ${text}: the soft limit is above the hard one.`);
  return { name, soft, hard };
}
