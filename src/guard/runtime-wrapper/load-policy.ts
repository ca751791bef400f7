import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "../../model/policy.ts";
import { VERSION } from "../../version.ts";

/**
 * The policy of a file. Reading one takes longer than all else that is done for a container, so what was read is kept under the hash of
 * its text, in a directory to which nobody else can write. Throws what reading and checking the file throws.
 */
export async function loadPolicy(file: string, cacheDir: string | undefined): Promise<Policy> {
  const text = readFileSync(file, "utf8");
  const kept = cacheDir === undefined ? undefined : join(cacheDir, `${keyOf(text)}.json`);
  if (cacheDir !== undefined && kept !== undefined && isPrivate(cacheDir)) {
    const policy = readKept(kept);
    if (policy !== undefined) return policy;
  }
  const { parsePolicy } = await import("../../policy/file.ts");
  const policy = parsePolicy(text, file);
  if (cacheDir !== undefined && kept !== undefined) keep(policy, cacheDir, kept);
  return policy;
}

/** Another version may read the same text otherwise. */
function keyOf(text: string): string {
  return createHash("sha256").update(`${VERSION}\0${text}`).digest("hex");
}

function readKept(path: string): Policy | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Policy;
  } catch {
    return undefined;
  }
}

function keep(policy: Policy, directory: string, path: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!isPrivate(directory)) return;
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(policy), { mode: 0o600, flag: "wx" });
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // The next container reads the file again.
  }
}

function isPrivate(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}
