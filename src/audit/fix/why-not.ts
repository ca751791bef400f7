import type { InputKind } from "../../model/finding.ts";
import { isSelfContained } from "../../learn/own-volume.ts";
import type { Strategy } from "../../model/strategy.ts";
import { mountAt } from "../mounts.ts";
import type { AuditedContainer } from "../container.ts";
import { learnCommand } from "./learn-command.ts";

/** Why a container is not fixed, and the way out. */
export interface Refusal {
  readonly reason: string;
  readonly hint: string;
}

/** Which exporter writes what `--fix` does not. */
const EXPORTER: Readonly<Partial<Record<InputKind, string>>> = {
  engine: "docker",
  command: "docker",
  quadlet: "quadlet",
  swarm: "compose",
};
const BY_HAND: Readonly<Partial<Record<InputKind, string>>> = {
  engine: "It is a container of an engine, and not a file.",
  command: "A command line is not changed.",
  quadlet: "A Quadlet unit is not changed.",
  ecs: "A task definition is not changed.",
  // docker/cli cli/compose/types: ServiceVolumeTmpfs has a size alone.
  swarm: "It is in a stack of a swarm, whose tmpfs has no owner and no mode: it is not changed.",
};

/** The container has no strategy. */
export function learnFirst(container: AuditedContainer): Refusal {
  const reason = "No strategy fits, and read-only alone would break it.";
  // A stack is learned as what it is made of.
  return { reason, hint: `Learn it first (--learn does it): ${learnCommand(container)}` };
}

/** Why the text in which a container stands is not changed; undefined when it can be. */
export function whyNotText(
  { source, place }: AuditedContainer,
  { isRendered, isText }: { readonly isRendered: boolean; readonly isText: boolean },
  strategyFile = "NAME.strategy.yaml",
): Refusal | undefined {
  const byHand = BY_HAND[source.kind];
  if (byHand !== undefined) {
    const exporter = EXPORTER[source.kind];
    const hint =
      exporter === undefined
        ? "Write the places of the strategy there by hand."
        : `petrify export ${strategyFile} --to ${exporter} shows what belongs there.`;
    return { reason: byHand, hint };
  }
  if (place === undefined)
    return { reason: "It was read from a cluster, and not from a file.", hint: "Fix the manifest it was made of." };
  const values = `Change the chart's values: petrify export ${strategyFile} --to helm-values; or fix what is rendered on its way: helm template . | petrify audit --fix -`;
  if (isRendered) return { reason: `It is rendered by ${source.name}, and not a file.`, hint: values };
  if (source.template !== undefined && source.name !== "-")
    return { reason: `It is rendered from ${source.template}, and the next time would lose the change.`, hint: values };
  if (!isText)
    return {
      reason: `${source.name} was not named, and is not to be changed along with another one.`,
      hint: `Name it: petrify audit --fix ${source.name}`,
    };
  return undefined;
}

/** Why a strategy is not written for a container; undefined when it can be. */
export function whyNotStrategy({ settings, unknown = [] }: AuditedContainer, strategy: Strategy): Refusal | undefined {
  const sealed = strategy.readOnlyPaths;
  if (sealed !== undefined)
    return {
      reason: `Its strategy makes only ${sealed.join(", ")} read-only, and no file of this kind can say that.`,
      hint: "Start it with petrify run --strategy FILE, or take readOnlyPaths out and make the whole root read-only.",
    };
  const root = settings.readOnlyRoot;
  if (root?.value === false && root.at?.file !== undefined)
    return {
      reason: `${root.at.file}, line ${root.at.line}, makes it writable again, whatever stands in its own file.`,
      hint: "Take that out there, and run this again.",
    };
  if (unknown.includes("mounts"))
    return {
      reason: "What it takes over from elsewhere cannot be read, so the mounts that it has are not known.",
      hint: "The problems above say what is missing.",
    };
  // Nobody's files are mounted unasked, for a strategy that happens to lie here.
  for (const entry of strategy.entries) {
    const isThere = mountAt(entry.path, settings)?.target === entry.path;
    if (entry.kind === "bind" && !isThere)
      return {
        reason: `It was learned with a bind mount on ${entry.path}, which it does not have.`,
        hint: `Give it one, or learn it again without.`,
      };
    if (entry.kind === "volume" && !isThere && !isSelfContained(entry))
      return {
        reason: `Its strategy has a volume driver or options on ${entry.path}, which can lead anywhere.`,
        hint: `Write that mount by hand, and run this again.`,
      };
  }
  return undefined;
}
