import type { EnvEntry, Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";

/** The run that was learned, under the strategy's settings. */
export function workloadUnder({ workload, settings = [] }: Pick<Strategy, "workload" | "settings">): Workload {
  return withSettings(workload, settings);
}

/** A run with these settings beside its own and those of the image, which win. */
export function withSettings(
  workload: Workload,
  settings: readonly EnvEntry[],
  imageEnv: readonly string[] = [],
): Workload {
  const own = new Set([...workload.env, ...imageEnv].map(variableName));
  const added = settings.filter(({ name }) => !own.has(name)).map(({ name, value }) => `${name}=${value}`);
  return added.length === 0 ? workload : { ...workload, env: [...workload.env, ...added] };
}

/** `NAME` of `NAME=VALUE`, and of `NAME` alone. */
export function variableName(variable: string): string {
  const [name = ""] = variable.split("=", 1);
  return name;
}
