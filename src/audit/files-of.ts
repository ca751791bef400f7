import type { Location } from "../model/finding.ts";
import type { AuditedContainer } from "./container.ts";

/** Names of the files in which a container or a setting of it is written. */
export function filesOf({ source, at, alsoAt = [], settings }: AuditedContainer): ReadonlySet<string> {
  const places = [at, ...alsoAt, ...Object.values(settings).flatMap(placesOf)];
  return new Set([source.name, ...places.flatMap((place) => place?.file ?? [])]);
}

interface Placed {
  readonly at?: Location;
}

function placesOf(setting: Placed | readonly Placed[]): readonly (Location | undefined)[] {
  return Array.isArray(setting) ? setting.map(({ at }) => at) : [(setting as Placed).at];
}
