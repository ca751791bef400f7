import type { EnvEntry } from "../../model/strategy.ts";
import type { YamlMap } from "../../strategy/yaml-text.ts";
import { settingVariables } from "../kubernetes/container-settings.ts";
import type { PodMounts } from "../kubernetes/pod-mounts.ts";
import { fsGroupSettings } from "../kubernetes/pod-settings.ts";
import { type Edit, type Place, dataAt } from "../splice/edits.ts";
import { type YamlData, isData } from "../splice/source.ts";
import { misplacedEdits } from "./misplaced.ts";
import { type FoundContainer, placeText } from "./workloads.ts";

/** What must change in a document so that a container is read-only and has the mounts. */
export function manifestEdits(
  found: FoundContainer,
  pod: YamlData,
  mounts: PodMounts,
  settings: readonly EnvEntry[],
): readonly Edit[] {
  const container: Place = { path: found.path, name: placeText(found) };
  const podPlace: Place = { path: found.podSpec, name: `The pod of ${found.kind} ${found.workload}` };
  const object: Place = { path: [...found.object, "spec"], name: `${found.kind} ${found.workload}` };
  // A StatefulSet makes a claim for each of its pods, and a volume of the claim's name.
  const templates = found.kind === "StatefulSet" ? mounts.claims : [];
  const templated = new Set<YamlMap[string] | undefined>(templates.map(({ volume }) => volume));
  const fsGroup = dataAt(pod, ["securityContext", "fsGroup"]) === undefined ? fsGroupSettings(mounts.fsGroup) : {};
  return [
    ...readOnlyEdit(container, found.settings),
    ...append(container, "env", settingVariables(settings)),
    ...append(container, "volumeMounts", mounts.volumeMounts),
    ...(Object.keys(fsGroup).length > 0 ? [{ place: podPlace, key: "securityContext", pairs: fsGroup }] : []),
    ...append(podPlace, "initContainers", mounts.initContainers),
    ...append(
      podPlace,
      "volumes",
      mounts.volumes.filter(({ name }) => !templated.has(name)),
    ),
    ...append(
      object,
      "volumeClaimTemplates",
      templates.map(({ volume, manifest }) => ({ metadata: { name: volume }, spec: manifest["spec"] ?? null })),
    ),
    ...misplacedEdits(container, found.settings, podPlace, pod, Object.keys(fsGroup).length > 0),
  ];
}

function append(place: Place, key: string, items: Extract<Edit, { append: unknown }>["append"]): Edit[] {
  return items.length > 0 ? [{ place, key, append: items }] : [];
}

function readOnlyEdit(place: Place, settings: YamlData): Edit[] {
  const security = settings["securityContext"];
  const value = isData(security) ? security["readOnlyRootFilesystem"] : undefined;
  if (value === true) return [];
  if (value === undefined) return [{ place, key: "securityContext", pairs: { readOnlyRootFilesystem: true } }];
  const inside: Place = { ...place, path: [...place.path, "securityContext"] };
  return [{ place: inside, key: "readOnlyRootFilesystem", set: true }];
}
