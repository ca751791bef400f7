import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PetrifyError } from "../../model/errors.ts";
import type { Strategy } from "../../model/strategy.ts";
import { tryParseReference } from "../../strategy/reference.ts";
import { loadStrategy } from "../../verify/files.ts";
import type { AuditedContainer, Settings, StrategyStanding } from "../container.ts";

/** Puts the fitting strategy of a folder on each container. */
export type FitStrategies = (
  containers: readonly AuditedContainer[],
  folder: string,
) => Promise<readonly AuditedContainer[]>;

/** By repository and by the settings that decide what an image writes; where several fit, none is taken. */
export const fitStrategies: FitStrategies = async (containers, folder) => {
  const strategies = await readAll(folder);
  return containers.map((container) => ({ ...container, strategy: standingOf(container, strategies) }));
};

interface Known {
  readonly file: string;
  readonly strategy: Strategy;
}

async function readAll(folder: string): Promise<readonly Known[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".strategy.yaml")).toSorted();
  const known: Known[] = [];
  for (const name of names) {
    const file = join(folder, name);
    try {
      known.push({ file, strategy: await loadStrategy(file) });
    } catch (error) {
      if (!(error instanceof PetrifyError)) throw error;
    }
  }
  return known;
}

function standingOf({ settings }: AuditedContainer, strategies: readonly Known[]): StrategyStanding {
  const reference = tryParseReference(settings.image?.value ?? "");
  const fitting = strategies.filter(
    ({ strategy }) =>
      reference !== undefined &&
      strategy.fits.repositories.includes(reference.repository) &&
      hasSettings(settings, strategy),
  );
  const [only, second] = fitting;
  if (only === undefined || second !== undefined) return { standing: "none" };
  const digest = `${reference?.repository}@${reference?.digest}`;
  return { standing: only.strategy.verifiedOn.includes(digest) ? "verified" : "unverified", ...only };
}

function hasSettings(settings: Settings, { workload }: Strategy): boolean {
  return (["entrypoint", "command", "user", "workingDir"] as const).every(
    (name) => JSON.stringify(settings[name]?.value) === JSON.stringify(workload[name]),
  );
}
