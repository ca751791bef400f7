import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "../../model/policy.ts";
import { VERSION } from "../../version.ts";

/**
 * The policy of a file. Reading one takes longer than all else that is done for a container, so what was read is kept beside its text, in
 * a directory to which nobody else can write. Throws what reading and checking the file throws.
 */
export async function loadPolicy(file: string, cacheDir: string | undefined): Promise<Policy> {
  const text = readFileSync(file, "utf8");
  if (cacheDir !== undefined && isPrivate(cacheDir)) {
    const kept = readKept(cacheDir);
    if (kept?.version === VERSION && kept.file === file && kept.text === text) return kept.policy;
  }
  const { parsePolicy } = await import("../../policy/file.ts");
  const policy = parsePolicy(text, file);
  // Another version may read the same text otherwise.
  if (cacheDir !== undefined) keep({ version: VERSION, file, text, policy }, cacheDir);
  return policy;
}

/** The text itself and not a hash of it: to load the cryptography takes longer than to compare. */
interface Kept {
  readonly version: string;
  readonly file: string;
  readonly text: string;
  readonly policy: Policy;
}

function readKept(directory: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, NAME), "utf8")) as Kept;
  } catch {
    return undefined;
  }
}

function keep(kept: Kept, directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!isPrivate(directory)) return;
    const temporary = join(directory, `${NAME}.${process.pid}`);
    writeFileSync(temporary, JSON.stringify(kept), { mode: 0o600, flag: "wx" });
    renameSync(temporary, join(directory, NAME));
  } catch {
    // The next container reads the file again.
  }
}
const NAME = "policy.json";

function isPrivate(directory: string): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
}
