import { isTrue } from "../compose-splice/existing-mounts.ts";
import type { Path } from "../kubernetes/pod-kinds.ts";
import { type Edit, type Place, dataAt } from "../splice/edits.ts";
import { type Data, type YamlData, isData } from "../splice/source.ts";

const RIGHT = "readOnlyRootFilesystem";
// The API server tells upper from lower case, and knows no other word for it.
const MEANT = /^read[-_]?only[-_]?root[-_]?(?:file[-_]?system|fs)$/i;

/** The key by which a map asks for a read-only root; undefined when it does not. */
export function askingKey(map: YamlData): string | undefined {
  return Object.keys(map).find((key) => MEANT.test(key) && isTrue(map[key]));
}

/** Takes out what asks for a read-only root where nothing reads it, and where Kubernetes refuses the object for it. */
export function misplacedEdits(
  container: Place,
  settings: YamlData,
  pod: Place,
  podData: YamlData,
  podSecurityGrows: boolean,
): readonly Edit[] {
  return [
    ...removal(container, settings, [], false),
    ...removal(container, withoutRight(settings), ["securityContext"], false),
    ...removal(container, settings, ["securityContext", "capabilities"], true),
    ...removal(pod, podData, [], false),
    ...removal(pod, podData, ["securityContext"], !podSecurityGrows),
  ];
}

function removal(place: Place, data: Data, steps: Path, mayGoWhole: boolean): Edit[] {
  const map = dataAt(data, steps);
  const key = isData(map) ? askingKey(map) : undefined;
  if (!isData(map) || key === undefined) return [];
  const only = mayGoWhole && Object.keys(map).length === 1 ? steps.at(-1) : undefined;
  return typeof only === "string"
    ? [{ place: { ...place, path: [...place.path, ...steps.slice(0, -1)] }, key: only, remove: true }]
    : [{ place: { ...place, path: [...place.path, ...steps] }, key, remove: true }];
}

/** A container's own key, in the right letters, is the one that counts. */
function withoutRight(settings: YamlData): YamlData {
  const { [RIGHT]: _right, ...security } = isData(settings["securityContext"]) ? settings["securityContext"] : {};
  return { securityContext: security };
}
