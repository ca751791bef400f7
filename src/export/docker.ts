import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { commandLines, commentLines, imageAndCommand, nameFlag } from "./command-text.ts";
import { dockerFlags } from "./docker-flags.ts";
import { bakedLogNotes } from "./log-notes.ts";
import { type PlannedMount, planMounts } from "./mount-plan.ts";
import { longForm, needsLongForm, shortForm } from "./docker-mounts.ts";
import { introduction, strategyNotes, volumeNotes, unnamedVolumes, workloadNotes } from "./notes.ts";
import { workloadUnder } from "../strategy/settings.ts";
import type { ExportResult } from "./result.ts";

/** The strategy as one `docker run` command line for a POSIX shell, one flag a line, with the reasons above it. Throws E_EXPORT_UNSUPPORTED. */
export function exportDocker(strategy: Strategy, workload: Workload = workloadUnder(strategy)): ExportResult {
  const mounts = planMounts(strategy, workload);
  const comments = [...introduction(strategy), ...mounts.map(({ target, why }) => `${target}: ${why}`)];
  const command = commandLines([
    ["docker", "run"],
    ...nameFlag(workload),
    ["--read-only"],
    ...mounts.map(dockerMount),
    ...dockerFlags(workload),
    imageAndCommand("docker", workload.image, workload),
  ]);
  return {
    text: commentLines(comments) + command,
    notes: [
      ...strategyNotes(strategy),
      ...bakedLogNotes(strategy),
      ...volumeNotes(mounts),
      ...removalNotes(mounts),
      ...workloadNotes(workload),
    ],
  };
}

function removalNotes(mounts: readonly PlannedMount[]): string[] {
  const targets = unnamedVolumes(mounts).map(({ target }) => target);
  return targets.length === 0
    ? []
    : [`Start it with --rm, or remove it with docker rm -v: the volumes at ${targets.join(", ")} would stay.`];
}

/** A mount as a flag of `docker run` and its value. Throws E_EXPORT_UNSUPPORTED. */
export function dockerMount(mount: PlannedMount): string[] {
  const { target } = mount;
  if (mount.kind !== "tmpfs")
    return needsLongForm(mount) ? ["--mount", longForm(mount)] : ["--volume", shortForm(mount)];
  if (target.includes(":"))
    throw new PetrifyError(
      "E_EXPORT_UNSUPPORTED",
      `docker run cannot mount a tmpfs at ${target}: --tmpfs ends the path at the colon.`,
      { hint: "Let the application use a directory whose name has no colon." },
    );
  return ["--tmpfs", `${target}:${mount.options}`];
}
