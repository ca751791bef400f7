import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import type { Policy } from "../../model/policy.ts";
import type { Strategy } from "../../model/strategy.ts";
import { parsePolicy } from "../../policy/file.ts";
import { parseStrategy } from "../../strategy/file.ts";

const FILE_LIMIT_BYTES = 4 * 1024 * 1024;

export interface LoadedPolicy {
  readonly policy: Policy;
  /** In the order of their files' names. */
  readonly strategies: readonly Strategy[];
}

/** A policy with the strategies of its folder; all or nothing. Throws E_POLICY_INVALID, E_STRATEGY_INVALID, E_IO. */
export async function loadPolicy(file: string): Promise<LoadedPolicy> {
  const policy = parsePolicy(await readText(file), file);
  if (policy.strategies === undefined) return { policy, strategies: [] };
  const folder = resolve(dirname(file), policy.strategies.folder);
  const strategies: Strategy[] = [];
  for (const name of await strategyFiles(folder)) {
    const path = join(folder, name);
    strategies.push(parseStrategy(await readText(path), path));
  }
  return { policy, strategies };
}

async function strategyFiles(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".strategy.yaml")).toSorted();
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= FILE_LIMIT_BYTES) return await readFile(file, "utf8");
  } catch (cause) {
    throw unreadable(file, cause);
  }
  throw new PetrifyError("E_IO", `${file} is larger than ${FILE_LIMIT_BYTES} bytes.`, {
    hint: "Name the file of a policy.",
  });
}

function unreadable(path: string, cause: unknown): PetrifyError {
  const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return new PetrifyError("E_IO", `${path} cannot be read: ${why}.`, {
    hint: "Name a policy file that the guard may read, and let its `strategies.folder` be there.",
    cause,
  });
}
