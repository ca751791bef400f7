import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RUNTIME_NAME } from "./plan-runtime.ts";

/**
 * Names of the containers that were made with the runtime wrapper, by dockerd's own records below `dockerRoot`: each keeps the runtime
 * it was made with, and depends on it. One whose record cannot be read is left out.
 */
export function wrappedContainers(dockerRoot: string): readonly string[] {
  const folder = join(dockerRoot, "containers");
  return idsIn(folder).flatMap((id) => {
    const runtime = fieldOf(join(folder, id, "hostconfig.json"), "Runtime");
    if (runtime !== RUNTIME_NAME) return [];
    return [(fieldOf(join(folder, id, "config.v2.json"), "Name") ?? id.slice(0, 12)).replace(/^\//, "")];
  });
}

function idsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch {
    return [];
  }
}

function fieldOf(file: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>)[name];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
