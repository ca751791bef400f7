import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { AuditText, ReadBeside } from "../inputs.ts";

/** Reads a file as the user named it. Throws what the file system says. */
export function readFileText(name: string): AuditText {
  return { name, text: readFileSync(name === "-" ? 0 : name, "utf8") };
}

export const readBeside: ReadBeside = (from, path) => {
  const name = resolve(dirname(from), path);
  try {
    return { name, text: readFileSync(name, "utf8") };
  } catch {
    return undefined;
  }
};
