import { createHash } from "node:crypto";
import type { Strategy } from "../model/strategy.ts";
import { logLinks } from "../strategy/log-links.ts";
import { mountPlan } from "../strategy/mounts.ts";
import { sealOf } from "../strategy/seal.ts";
import { type Experiment, experiment, type ExperimentOptions } from "./experiment.ts";
import { withOwnVolume } from "./own-volume.ts";
import type { Session } from "./session.ts";

export interface ReadOnlyRunOptions extends Pick<
  ExperimentOptions,
  "workload" | "image" | "plan" | "phases" | "stopAfter" | "recording"
> {
  readonly strategy: Strategy;
}

/**
 * Runs the workload read-only under a strategy, with volumes of the run's own. A declared VOLUME that the strategy does not
 * list is mounted read-only: engines would make it writable by themselves, and then the strategy would not be what was tried.
 */
export function readOnlyRun(session: Session, { strategy, ...run }: ReadOnlyRunOptions): Promise<Experiment> {
  const entries = strategy.entries.map(withOwnVolume);
  const nameOf = (path: string): string =>
    `petrify-${session.id}-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
  const mounts = mountPlan({ ...strategy, entries }, { volumeName: ({ path }) => nameOf(path) });
  const listed = new Set(entries.map((entry) => entry.path));
  // By name: engines refuse an anonymous volume that is read-only.
  const unlisted = run.image.volumes
    .filter((path) => !listed.has(path))
    .map((target) => ({ name: nameOf(target), target, readOnly: true }));
  return experiment(session, {
    ...run,
    ...sealOf(strategy),
    tmpfs: mounts.tmpfs,
    // The user's own binds and read-only volumes are the experiment's affair, as when they were learned.
    volumes: [...mounts.volumes.filter(({ readOnly }) => !readOnly), ...unlisted],
    binds: [],
    links: logLinks(strategy),
  });
}
