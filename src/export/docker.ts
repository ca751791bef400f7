import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import type { Workload } from "../model/workload.ts";
import { dockerCommand, dockerFlags } from "./docker-flags.ts";
import { type PlannedMount, planMounts } from "./mount-plan.ts";
import { longForm, needsLongForm, shortForm } from "./docker-mounts.ts";
import { introduction, oneLine, strategyNotes, unnamedVolumeNotes, unnamedVolumes, workloadNotes } from "./notes.ts";
import type { ExportResult } from "./result.ts";
import { shellQuote } from "./shell-quote.ts";

/**
 * The strategy as one `docker run` command line for a POSIX shell, one flag a line, with the reasons above it.
 * Throws E_EXPORT_UNSUPPORTED.
 */
export function exportDocker(strategy: Strategy, workload: Workload = strategy.workload): ExportResult {
  const mounts = planMounts(strategy, workload);
  const image = workload.image;
  if (image.startsWith("-"))
    throw new PetrifyError("E_EXPORT_UNSUPPORTED", `docker run would read the image '${image}' as a flag.`);
  // A container's name has at least two characters (moby daemon/names/names.go).
  const name = /^[a-z0-9][a-z0-9_.-]+$/.test(workload.name) ? [["--name", workload.name]] : [];
  const words = [
    ["docker", "run"],
    ...name,
    ["--read-only"],
    ...mounts.map(mountFlag),
    ...dockerFlags(workload),
    [image, ...dockerCommand(workload)],
  ];
  const comments = [...introduction(strategy), ...mounts.map(({ target, why }) => `${target}: ${why}`)];
  const command = words.map((line) => line.map(shellQuote).join(" ")).join(" \\\n  ");
  return {
    text: comments.map((line) => `# ${oneLine(line)}\n`).join("") + command + "\n",
    notes: [
      ...strategyNotes(strategy),
      ...unnamedVolumeNotes(mounts),
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

function mountFlag(mount: PlannedMount): string[] {
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
