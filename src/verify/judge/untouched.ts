import type { Operation } from "../../model/event.ts";
import type { PathRecord } from "../../model/profile.ts";
import type { Strategy } from "../../model/strategy.ts";
import { isMount } from "../../strategy/kinds.ts";
import { isWithin } from "../../strategy/paths.ts";

const LOOKING: ReadonlySet<Operation> = new Set(["access", "read", "exec", "mapexec"]);

/**
 * Mount points of directories that the application made itself in the baseline and left alone in the run: it finds the empty mount
 * there and may take its own work for done, as Tomcat does with the directory of an application that it would unpack.
 */
export function untouchedMounts(
  strategy: Strategy,
  baseline: readonly PathRecord[],
  run: readonly PathRecord[],
): readonly string[] {
  const made = new Set(baseline.filter(({ done }) => done.includes("mkdir")).map(({ path }) => path));
  const isTouched = (directory: string): boolean =>
    run.some(({ path, done }) => isWithin(path, directory) && done.some((operation) => !LOOKING.has(operation)));
  return strategy.entries
    .filter((entry) => isMount(entry) && made.has(entry.path) && !isTouched(entry.path))
    .map(({ path }) => path);
}
