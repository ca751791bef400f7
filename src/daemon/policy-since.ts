import { lstat, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { PetrifyError } from "../model/errors.ts";
import { writeFailure } from "../model/write-failure.ts";
import { writeWhole } from "../learn/write-whole.ts";

export const DEFAULT_STATE_DIR = "/var/lib/petrify/guard";
const FILE = "policies.json";

const stateFile = z.object({ policies: z.array(z.object({ name: z.string(), sinceMs: z.number() })) });

/** Later than any container: a policy that was never enforced has made none that it could hold to. */
export const NOT_YET = Number.POSITIVE_INFINITY;

/**
 * Since when the guard enforces a policy of this name, in milliseconds since 1970, or `NOT_YET`; with `isEnforced` from now on. What is
 * made while a policy is only tried (audit, warn, dry run) is older than it. A file that cannot be read counts as none. Throws E_IO and
 * E_DISK_FULL: without a memory every restart would pass for the first day.
 */
export async function policySince(
  stateDir: string,
  { name, isEnforced }: { readonly name: string; readonly isEnforced: boolean },
  nowMs: number,
): Promise<number> {
  await makePrivate(stateDir);
  const file = join(stateDir, FILE);
  const seen = await read(file);
  const known = seen.get(name);
  // A clock that went back does not make a policy of tomorrow.
  if (known !== undefined && known <= nowMs) return known;
  if (!isEnforced) return NOT_YET;
  seen.set(name, nowMs);
  const policies = [...seen].map(([each, sinceMs]) => ({ name: each, sinceMs }));
  await writeWhole(file, `${JSON.stringify({ policies })}\n`);
  return nowMs;
}

async function read(file: string): Promise<Map<string, number>> {
  try {
    const { policies } = stateFile.parse(JSON.parse(await readFile(file, "utf8")));
    return new Map(policies.map(({ name, sinceMs }) => [name, sinceMs]));
  } catch {
    return new Map();
  }
}

async function makePrivate(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw writeFailure(directory, cause);
  }
  const found = await lstat(directory);
  if (found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0) return;
  throw new PetrifyError("E_IO", `${directory} is not the guard's own folder: others can write to it.`, {
    hint: `Give it to the guard's user with mode 0700, or name another with --state-dir.`,
  });
}
