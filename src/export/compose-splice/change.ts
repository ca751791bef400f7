import type { ComposeMount } from "../compose-service.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import { listOf } from "./existing-mounts.ts";
import { differences } from "./same-data.ts";
import { type ComposeData, type ComposeSource, type Data, invalid, isData } from "./source.ts";

/** What is to become of a Compose file; everything else in it stays. */
export interface SpliceChange {
  readonly service: string;
  /** `read_only: true` is to be written. */
  readonly setReadOnly: boolean;
  readonly tmpfs: readonly ComposeMount[];
  readonly volumes: readonly ComposeMount[];
  /** Top-level volumes that the file does not have. */
  readonly topLevelVolumes: YamlMap;
}

/** Throws E_COMPOSE_INVALID unless `after` says what `before` says with the change, and nothing else. */
export function checkChange(before: ComposeSource, after: ComposeSource, change: SpliceChange): void {
  const wrong = differences(expectedData(before.data, change), after.data);
  if (wrong.length === 0) return;
  throw invalid(
    `The service '${change.service}' cannot be changed without changing ${wrong.slice(0, 3).join(", ")}${wrong.length > 3 ? " and more" : ""}.`,
    `They share a block by a YAML anchor: write the settings of '${change.service}' out, and run this again.`,
  );
}

function expectedData(data: ComposeData, change: SpliceChange): ComposeData {
  const services = mapOf(data["services"]);
  const settings = mapOf(services[change.service]);
  const topLevel = Object.keys(change.topLevelVolumes).length > 0;
  return {
    ...data,
    services: {
      ...services,
      [change.service]: {
        ...settings,
        ...(change.setReadOnly && { read_only: true }),
        ...(change.tmpfs.length > 0 && { tmpfs: extended(settings["tmpfs"], change.tmpfs) }),
        ...(change.volumes.length > 0 && { volumes: extended(settings["volumes"], change.volumes) }),
      },
    },
    ...(topLevel && { volumes: { ...mapOf(data["volumes"]), ...plain(change.topLevelVolumes) } }),
  };
}

function extended(list: Data | undefined, mounts: readonly ComposeMount[]): readonly Data[] {
  return [...listOf(list), ...mounts.map(({ item }) => (typeof item === "string" ? item : plain(item)))];
}

/** Maps that Petrify makes hold no comments below their first level, so they are data already. */
function plain(map: YamlMap): ComposeData {
  return map as ComposeData;
}

function mapOf(data: Data | undefined): ComposeData {
  return isData(data) ? data : {};
}
