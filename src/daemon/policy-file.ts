import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { readText } from "../learn/read-text.ts";
import { PetrifyError } from "../model/errors.ts";
import type { Policy } from "../model/policy.ts";
import type { Strategy } from "../model/strategy.ts";
import { parsePolicy } from "../policy/file.ts";
import { loadStrategy } from "../verify/files.ts";

export interface LoadedPolicy {
  readonly policy: Policy;
  /** Those of the policy's folder that can be read; sorted by file name. */
  readonly strategies: readonly Strategy[];
  /** Those that cannot: containers that they were for get the template. */
  readonly broken: readonly BrokenStrategy[];
}

export interface BrokenStrategy {
  readonly file: string;
  readonly error: PetrifyError;
}

const MAX_STRATEGIES = 2000;

/**
 * Reads a policy file and the strategies of its folder. Throws E_POLICY_INVALID, E_IO: also for a folder that is not there,
 * because every container would silently get the template.
 */
export async function loadPolicy(file: string): Promise<LoadedPolicy> {
  const policy = parsePolicy(await readPolicyText(file), file);
  if (policy.strategies === undefined) return { policy, strategies: [], broken: [] };
  const strategies: Strategy[] = [];
  const broken: BrokenStrategy[] = [];
  for (const path of await strategyFiles(resolve(dirname(file), policy.strategies.folder))) {
    try {
      strategies.push(await loadStrategy(path));
    } catch (error) {
      if (!(error instanceof PetrifyError)) throw error;
      broken.push({ file: path, error });
    }
  }
  return { policy, strategies, broken };
}

async function readPolicyText(file: string): Promise<string> {
  return readText(file, {
    noun: "policy",
    missing: "E_IO",
    invalid: "E_POLICY_INVALID",
    hints: {
      missing: "Write one: docs/reference/policy.md, examples/policy.",
      noFile: "Name a YAML file of kind ReadOnlyPolicy.",
    },
  });
}

async function strategyFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new PetrifyError("E_IO", `The policy's folder of strategies ${folder} cannot be read.`, {
      hint: "Make it, or take strategies out of the policy.",
      cause,
    });
  });
  const files = names.filter((name) => name.endsWith(".strategy.yaml")).toSorted();
  if (files.length > MAX_STRATEGIES)
    throw new PetrifyError("E_IO", `${folder} holds more than ${MAX_STRATEGIES} strategies.`, {
      hint: "Name the folder that holds this host's.",
    });
  return files.map((name) => join(folder, name));
}
