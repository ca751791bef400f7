import { isAlias } from "yaml";
import type { Strategy } from "../model/strategy.ts";
import { composeMountNotes, composeMounts } from "./compose-service.ts";
import { decideAdditions } from "./compose-splice/additions.ts";
import { applyChange } from "./compose-splice/apply.ts";
import { type SpliceChange, checkChange } from "./compose-splice/change.ts";
import { existingMounts, isTrue } from "./compose-splice/existing-mounts.ts";
import { refuseImpossible } from "./compose-splice/refusals.ts";
import { ownPair } from "./compose-splice/edit.ts";
import { type ComposeService, chooseService, extendedServices, findService } from "./compose-splice/service.ts";
import { serviceNotes } from "./compose-splice/service-notes.ts";
import { isData, readCompose } from "./compose-splice/source.ts";
import { planMounts } from "./mount-plan.ts";
import { strategyNotes } from "./notes.ts";
import type { ExportResult } from "./result.ts";

export interface SpliceOptions {
  /** Which service; default: the only one whose image fits the strategy. */
  readonly service?: string;
}

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
  const before = readCompose(text.slice(byteOrderMark.length));
  const name = chooseService(before, strategy, options.service);
  const service = findService(before, name);
  const { parents, elsewhere } = extendedServices(before, name);
  refuseImpossible(before, service, parents);

  const planned = planMounts(strategy, strategy.workload);
  const existing = [...parents.toReversed(), service.settings].flatMap(existingMounts);
  const { missing, notes } = decideAdditions(planned, existing);
  const added = planned.filter(({ target }) => missing.has(target));
  const { tmpfs, volumes, topLevel } = composeMounts(added);
  const topLevelHas = isData(before.data["volumes"]) ? before.data["volumes"] : {};
  const readOnly = [service.settings, ...parents].find((settings) => settings["read_only"] !== undefined)?.[
    "read_only"
  ];
  const change: SpliceChange = {
    service: name,
    setReadOnly: !isTrue(readOnly),
    tmpfs,
    volumes,
    topLevelVolumes: Object.fromEntries(
      Object.entries(topLevel).filter(([volume]) => !Object.hasOwn(topLevelHas, volume)),
    ),
  };
  const after = applyChange(before, change);
  checkChange(before, after, change);
  return {
    text: byteOrderMark + after.text,
    notes: [
      ...strategyNotes(strategy),
      ...composeMountNotes(added),
      ...serviceNotes(name, service.settings, strategy),
      ...(readOnly === undefined || isTrue(readOnly)
        ? []
        : [`The service '${name}' had read_only: ${JSON.stringify(readOnly)}; it is true now.`]),
      ...writtenOut(service, change),
      ...notes,
      ...(elsewhere ? [`The service '${name}' extends one of another file, whose mounts were not looked at.`] : []),
    ],
  };
}

/** Keys whose list came by a merge key or an alias, and which the service now has itself. */
function writtenOut({ name, map, settings }: ComposeService, change: SpliceChange): string[] {
  return (["tmpfs", "volumes"] as const)
    .filter((key) => change[key].length > 0 && settings[key] !== undefined && isShared(ownPair(map, key)?.value))
    .map(
      (key) =>
        `'${key}' of the service '${name}' came from a shared block; it is written out now, and no longer follows that.`,
    );
}

function isShared(value: unknown): boolean {
  return value === undefined || isAlias(value);
}
