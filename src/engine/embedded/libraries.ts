import { readdirSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.ts";

/** Directories below an unpacked root that hold shared libraries, as LD_LIBRARY_PATH wants them. */
export function libraryPath(root: string): string {
  const bases = ["usr/lib", "lib"].flatMap((base) =>
    subdirectories(join(root, base))
      .filter((name) => name.includes("-linux-gnu"))
      .map((name) => join(root, base, name)),
  );
  return bases.join(":");
}

/** Shared libraries that programs of the unpacked root need and that are neither there nor on this host. */
export async function missingLibraries(root: string): Promise<string[]> {
  const programs = ["usr/bin", "usr/sbin", "bin", "sbin", "usr/libexec"].flatMap((directory) =>
    files(join(root, directory)),
  );
  if (programs.length === 0) return [];
  // ldd ends with 1 when one of the files is static or a script: what counts is what it prints.
  const { stdout } = await command("ldd", programs, { env: { LD_LIBRARY_PATH: libraryPath(root) } });
  return parseLdd(stdout);
}

export function parseLdd(text: string): string[] {
  return [...new Set([...text.matchAll(/^\s+(\S+) => not found$/gm)].map((match) => match[1] as string))];
}

function subdirectories(directory: string): string[] {
  return entries(directory).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
function files(directory: string): string[] {
  return entries(directory).flatMap((entry) => (entry.isFile() ? [join(directory, entry.name)] : []));
}
function entries(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
