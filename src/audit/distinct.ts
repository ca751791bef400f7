import { normalize } from "node:path/posix";
import type { ReadContainers } from "./inputs.ts";

/**
 * What several texts gave, each container and problem once: a file that another one includes, or an override beside its base,
 * is read with that and again when it is named itself.
 */
export function distinct(reads: readonly ReadContainers[]): ReadContainers {
  const containers = reads.flatMap((read) => read.containers);
  const problems = reads.flatMap((read) => read.problems);
  return {
    containers: once(containers, ({ source, workload, container = "", place }) =>
      JSON.stringify([source.kind, normalize(source.name), workload, container, place]),
    ),
    problems: once(problems, (problem) => JSON.stringify({ ...problem, source: normalize(problem.source) })),
  };
}

function once<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const byKey = new Map<string, T>();
  for (const item of items) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), item);
  return [...byKey.values()];
}
