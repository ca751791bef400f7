import type { Strategy } from "../model/strategy.ts";
import { type LogLink, logLinks } from "../strategy/log-links.ts";
import type { PlannedMount } from "./mount-plan.ts";
import { shellQuote } from "./shell-quote.ts";

/** How the log files become links where a mount can start with what the image has only: the image must have them. */
export function bakedLogNotes(strategy: Strategy): string[] {
  const links = logLinks(strategy);
  if (links.length === 0) return [];
  const paths = links.map(({ path }) => path).join(", ");
  const line = `RUN ${links.map(({ path, target }) => `ln -sfn ${target} ${shellQuote(path)}`).join(" && ")}`;
  return [
    `Log files by bake: ${paths} were verified as links to the container's log. Here a mount starts with what the image has, so they grow in the mount until its Dockerfile says, as root: ${line}. Then the mount may not be needed at all: petrify bake makes such an image, and verify --minimal tells.`,
  ];
}

/** How they become links where an init container sets up the mounts. */
export function seededLogNotes(strategy: Strategy, mounts: readonly PlannedMount[]): string[] {
  const targets = new Set(mounts.map(({ target }) => target));
  const links = logLinks(strategy).filter(({ mount }) => targets.has(mount));
  const paths = links.map(({ path }) => path).join(", ");
  return links.length === 0
    ? []
    : [`Log files by seed: the init container puts links to the container's log at ${paths}, which needs ln there.`];
}

/** The command by which the init container puts one link; it has the mount at `at`, a word of the shell. */
export function linkCommand({ path, target, mount }: LogLink, at: string): string {
  return `ln -sfn ${target} ${at}${shellQuote(path.slice(mount.length))}`;
}
