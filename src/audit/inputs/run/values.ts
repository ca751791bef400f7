import { parseSwitch, parseUlimit } from "../../../run-flags/values.ts";
import type { Ulimit } from "../../container.ts";

/** True or false as the engine reads it; undefined for anything else. */
export function switchOf(text: string): boolean | undefined {
  return attempt(() => parseSwitch("", text.trim() || "true"));
}

export function ulimitOf(text: string): Ulimit | undefined {
  return attempt(() => parseUlimit(text));
}

/** A number; undefined for what is none. */
export function numberOf(text: string): number | undefined {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
