import { isAlias } from "yaml";
import type { Strategy } from "../model/strategy.ts";
import { composeMountNotes, composeMounts, withReason } from "./compose-service.ts";
import { decideAdditions } from "./compose-splice/additions.ts";
import { type ExistingMount, existingMounts, isTrue, mountsSomewhere } from "./compose-splice/existing-mounts.ts";
import { environmentEdits, existingVariables } from "./compose-splice/environment.ts";
import { refuseImpossible } from "./compose-splice/refusals.ts";
import { refuseSeveralContainers } from "./compose-splice/several-containers.ts";
import { ownPair } from "./splice/edit.ts";
import { type Edit, type Place, applyEdits } from "./splice/edits.ts";
import { type ComposeService, chooseService, extendedServices, findService } from "./compose-splice/service.ts";
import { serviceNotes } from "./compose-splice/service-notes.ts";
import { COMPOSE, isData, readYaml } from "./splice/source.ts";
import { bakedLogNotes } from "./log-notes.ts";
import { planMounts } from "./mount-plan.ts";
import { missingSettings } from "./setting-additions.ts";
import { strategyNotes } from "./notes.ts";
import type { ExportResult } from "./result.ts";

export interface SpliceOptions {
  /** Which service; default: the only one whose image fits the strategy. */
  readonly service?: string;
  /** What other files give the service: an override, a service of another file that it extends. Absent: nobody looked. */
  readonly elsewhere?: SetElsewhere;
}

/** What a service has that this file does not say. */
export interface SetElsewhere {
  readonly mounts: readonly ExistingMount[];
  /** By name; undefined: the value is not known. */
  readonly variables: ReadonlyMap<string, string | undefined>;
}

const TOP_LEVEL: Place = { path: [], name: "The Compose file" };

/**
 * The Compose file with one service made read-only under the strategy; every byte that is not about that stays.
 *
 * Text is inserted at offsets, because printing the parsed file would change it everywhere (comments, quotes, blank lines).
 * What the service has already is kept; a second run changes nothing. At the end the new text is read again, and when
 * anything else than intended would mean something else, nothing is given back.
 * Throws E_USAGE, E_COMPOSE_INVALID, E_EXPORT_UNSUPPORTED.
 */
export function spliceCompose(text: string, strategy: Strategy, options: SpliceOptions = {}): ExportResult {
  const byteOrderMark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const before = readYaml(text.slice(byteOrderMark.length), COMPOSE);
  const name = chooseService(before, strategy, options.service);
  const service = findService(before, name);
  const { parents, elsewhere } = extendedServices(before, name);
  refuseImpossible(before, service, parents);

  const planned = planMounts(strategy, strategy.workload);
  const existing = [
    ...(options.elsewhere?.mounts ?? []),
    ...[...parents.toReversed(), service.settings].flatMap(existingMounts),
  ];
  const { missing, notes } = decideAdditions(planned, existing);
  const added = planned.filter(({ target }) => missing.has(target));
  refuseSeveralContainers(name, [service.settings, ...parents], added);
  const { tmpfs, volumes, topLevel } = composeMounts(added);
  const topLevelHas = isData(before.data["volumes"]) ? before.data["volumes"] : {};
  const readOnly = [service.settings, ...parents].find((settings) => settings["read_only"] !== undefined)?.[
    "read_only"
  ];
  const place: Place = { path: ["services", name], name: `The service '${name}'` };
  const missingTopLevel = Object.entries(topLevel).filter(([volume]) => !Object.hasOwn(topLevelHas, volume));
  const set = missingSettings(
    strategy.settings ?? [],
    new Map([
      ...(options.elsewhere?.variables ?? []),
      ...existingVariables([...parents.toReversed(), service.settings]),
    ]),
    place.name,
  );
  const edits: readonly Edit[] = [
    ...(isTrue(readOnly) ? [] : [{ place, key: "read_only", set: true }]),
    ...(tmpfs.length > 0 ? [{ place, key: "tmpfs", append: tmpfs.map(withReason) }] : []),
    ...(volumes.length > 0 ? [{ place, key: "volumes", append: volumes.map(withReason) }] : []),
    ...environmentEdits(place, service.settings, set.missing),
    ...(missingTopLevel.length > 0
      ? [{ place: TOP_LEVEL, key: "volumes", pairs: Object.fromEntries(missingTopLevel) }]
      : []),
  ];
  const after = applyEdits(before, edits);
  return {
    text: byteOrderMark + after.text,
    notes: [
      ...strategyNotes(strategy),
      ...bakedLogNotes(strategy),
      ...composeMountNotes(added),
      ...serviceNotes(name, service.settings, strategy),
      ...(readOnly === undefined || isTrue(readOnly)
        ? []
        : [`The service '${name}' had read_only: ${JSON.stringify(readOnly)}; it is true now.`]),
      ...writtenOut(service, edits),
      ...notes,
      ...[service.settings, ...parents]
        .flatMap(mountsSomewhere)
        .map((target) => `What is mounted at ${target} was not compared: a variable decides where that is.`),
      ...set.notes,
      ...(elsewhere && options.elsewhere === undefined
        ? [`The service '${name}' extends one of another file, whose mounts were not looked at.`]
        : []),
    ],
  };
}

/** Keys whose list came by a merge key or an alias, and which the service now has itself. */
function writtenOut({ name, map, settings }: ComposeService, edits: readonly Edit[]): string[] {
  return edits
    .filter((edit) => "append" in edit && settings[edit.key] !== undefined && isShared(ownPair(map, edit.key)?.value))
    .map(
      ({ key }) =>
        `'${key}' of the service '${name}' came from a shared block; it is written out now, and no longer follows that.`,
    );
}

function isShared(value: unknown): boolean {
  return value === undefined || isAlias(value);
}
